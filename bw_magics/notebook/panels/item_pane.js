// The right half of the vault browser: one item, with values that can be shown until a deadline.

import { countdown } from "./countdown.js";
import { button, element, region } from "./elements.js";

/**
 * @typedef {object} Member
 * @property {string} name
 * @property {string} [what] what to ask the kernel for; a file has none
 * @property {string} [line] code that reads the member
 * @property {string} [reference]
 * @property {string} [value] what it holds, where that is not a secret
 *
 * @typedef {object} OpenedItem
 * @property {string} entry names the item in questions to the kernel
 * @property {string} name
 * @property {string} type
 * @property {string} [place]
 * @property {string} [problem]
 * @property {string[]} [marks]
 * @property {boolean} [can_edit]
 * @property {boolean} [can_trash]
 * @property {Member[]} members
 *
 * @typedef {object} PaneActions
 * @property {(entry: string, what: string, then: (answer: any) => void) => void} askValue asks the
 *   kernel for a value
 * @property {(text: string) => void} copy puts code on the clipboard
 * @property {(text: string, name: string) => void} copyValue puts a value there until a deadline
 * @property {(entry: string) => void} edit
 * @property {(entry: string) => void} trash
 */

const MASKED = "••••••••";
const SURE = "Move to trash?";

/** One item, and the values of it that are shown. */
export class ItemPane {
  root = region("div", "bw-item", "region", "Item");
  #seconds;
  #actions;
  /** @type {Map<HTMLElement, () => void>} what hides each value that is shown */
  #shown = new Map();
  /** @type {string | null} */
  #entry = null;

  /**
   * @param {number} seconds how long a value is shown
   * @param {PaneActions} actions
   */
  constructor(seconds, actions) {
    this.#seconds = seconds;
    this.#actions = actions;
    this.clear("Select an item to see its details.");
  }

  /** The item that is shown, by its name in questions to the kernel. */
  get entry() {
    return this.#entry;
  }

  /**
   * Shows no item.
   *
   * @param {string} text
   */
  clear(text) {
    this.hideAll();
    this.#entry = null;
    this.root.replaceChildren(element("div", "bw-empty", text));
    this.root.setAttribute("aria-label", "Item");
  }

  /** Hides every value. Returns whether one was shown. */
  hideAll() {
    const hiders = [...this.#shown.values()];
    for (const hide of hiders) hide();
    return hiders.length > 0;
  }

  /** @param {OpenedItem} item */
  draw(item) {
    this.hideAll();
    this.#entry = item.entry;
    const about = [item.type, item.place, ...(item.marks ?? [])].filter(Boolean).join(" · ");
    const head = element("div", "bw-item-head");
    head.append(element("div", "bw-item-name", item.name), this.#changers(item));
    this.root.replaceChildren(head, element("div", "bw-source", about));
    if (item.problem) {
      this.root.append(element("div", "bw-problem", `Unreadable: ${item.problem}`));
    }
    for (const member of item.members) this.root.append(this.#row(item, member));
    if (!item.members.length && !item.problem) {
      this.root.append(element("div", "bw-empty", "This item has no values."));
    }
    this.root.setAttribute("aria-label", `Item ${item.name}`);
  }

  /** @param {OpenedItem} item */
  #changers(item) {
    const made = element("span", "bw-member-actions");
    if (item.can_edit) {
      const edit = button("Edit", "bw-small");
      edit.setAttribute("aria-label", `Edit ${item.name}`);
      edit.addEventListener("click", () => this.#actions.edit(item.entry));
      made.append(edit);
    }
    if (item.can_trash) made.append(this.#trashButton(item));
    return made;
  }

  /**
   * A button that has to be pressed twice.
   *
   * @param {OpenedItem} item
   */
  #trashButton(item) {
    const made = button("Trash", "bw-small");
    made.setAttribute("aria-label", `Move ${item.name} to the trash`);
    const calm = () => {
      made.textContent = "Trash";
    };
    made.addEventListener("blur", calm);
    made.addEventListener("click", () => {
      if (made.textContent === SURE) return this.#actions.trash(item.entry);
      made.textContent = SURE;
      return undefined;
    });
    return made;
  }

  /**
   * @param {OpenedItem} item
   * @param {Member} member
   */
  #row(item, member) {
    const row = element("div", "bw-member");
    const name = element("span", "bw-member-name", member.name);
    name.title = member.name;
    const isPlain = member.value !== undefined;
    const shown = isPlain ? member.value : member.what ? MASKED : "(file)";
    const value = element("span", "bw-member-value", shown);
    const show = element("span", "bw-member-show");
    const actions = element("span", "bw-member-actions bw-copies");
    row.append(name, value, show, actions);
    if (member.what) {
      if (!isPlain) show.append(this.#showButton(item, member.name, member.what, value));
      actions.append(this.#copyValueButton(item, member));
    }
    if (member.line) actions.append(this.#copyButton("code", member.name, member.line));
    if (member.reference) {
      actions.append(this.#copyButton("reference", member.name, member.reference));
    }
    return row;
  }

  /**
   * @param {string} kind
   * @param {string} member
   * @param {string} text
   */
  #copyButton(kind, member, text) {
    const made = button(`Copy ${kind}`, "bw-small bw-quiet");
    made.setAttribute("aria-label", `Copy ${kind} for ${member}`);
    made.title = text;
    made.addEventListener("click", () => this.#actions.copy(text));
    return made;
  }

  /**
   * @param {OpenedItem} item
   * @param {Member} member
   */
  #copyValueButton(item, { name, what = "" }) {
    const made = button("Copy value", "bw-small bw-quiet");
    made.setAttribute("aria-label", `Copy value of ${name}`);
    made.addEventListener("click", () =>
      this.#actions.askValue(item.entry, what, (answer) => {
        if (answer.kind === "value") this.#actions.copyValue(answer.value, name);
      }),
    );
    return made;
  }

  /**
   * @param {OpenedItem} item
   * @param {string} member
   * @param {string} what
   * @param {HTMLElement} value where the value is shown
   */
  #showButton(item, member, what, value) {
    const show = button("Show", "bw-small bw-show");
    show.setAttribute("aria-label", `Show ${member} of ${item.name}`);
    show.addEventListener("click", () => {
      const hide = this.#shown.get(value);
      if (hide) return hide();
      // Not disabled: that would take the keyboard's focus away.
      if (show.ariaBusy === "true") return undefined;
      show.ariaBusy = "true";
      return this.#actions.askValue(item.entry, what, (answer) => {
        show.ariaBusy = "false";
        if (answer.kind === "value") this.#show(answer.value, value, show);
      });
    });
    return show;
  }

  /**
   * @param {string} text
   * @param {HTMLElement} value
   * @param {HTMLButtonElement} show
   */
  #show(text, value, show) {
    value.textContent = text;
    value.classList.add("bw-open");
    const hide = () => {
      stop();
      this.#shown.delete(value);
      value.textContent = MASKED;
      value.classList.remove("bw-open");
      show.textContent = "Show";
    };
    const stop = countdown(
      this.#seconds,
      (left) => {
        show.textContent = `Hide (${left})`;
      },
      hide,
    );
    this.#shown.set(value, hide);
  }
}
