// The right half of the vault browser: one item, with values that can be shown until a deadline.

import { countdown } from "./countdown.js";
import { button, element, region } from "./elements.js";

/**
 * @typedef {object} Member
 * @property {string} name
 * @property {string} [what] what to ask the kernel for; a file has none
 * @property {string} [line] code that reads the member
 * @property {string} [reference]
 *
 * @typedef {object} OpenedItem
 * @property {string} entry names the item in questions to the kernel
 * @property {string} name
 * @property {string} type
 * @property {string} [place]
 * @property {string} [problem]
 * @property {Member[]} members
 *
 * @typedef {(entry: string, what: string, then: (answer: any) => void) => void} AskValue
 */

const MASKED = "••••••••";

/** One item, and the values of it that are shown. */
export class ItemPane {
  root = region("div", "bw-item", "region", "Item");
  #seconds;
  #askValue;
  #copy;
  /** @type {Map<HTMLElement, () => void>} what hides each value that is shown */
  #shown = new Map();

  /**
   * @param {number} seconds how long a value is shown
   * @param {AskValue} askValue asks the kernel for a value
   * @param {(text: string) => void} copy puts a text on the clipboard
   */
  constructor(seconds, askValue, copy) {
    this.#seconds = seconds;
    this.#askValue = askValue;
    this.#copy = copy;
    this.root.append(element("div", "bw-empty", "Select an item to see its details."));
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
    const about = [item.type, item.place].filter(Boolean).join(" · ");
    this.root.replaceChildren(
      element("div", "bw-item-name", item.name),
      element("div", "bw-source", about),
    );
    if (item.problem) {
      this.root.append(element("div", "bw-problem", `Unreadable: ${item.problem}`));
    }
    for (const member of item.members) this.root.append(this.#row(item, member));
    if (!item.members.length && !item.problem) {
      this.root.append(element("div", "bw-empty", "This item has no values."));
    }
    this.root.setAttribute("aria-label", `Item ${item.name}`);
  }

  /**
   * @param {OpenedItem} item
   * @param {Member} member
   */
  #row(item, member) {
    const row = element("div", "bw-member");
    const name = element("span", "bw-member-name", member.name);
    name.title = member.name;
    const value = element("span", "bw-member-value", member.what ? MASKED : "(file)");
    const actions = element("span", "bw-member-actions");
    row.append(name, value, actions);
    if (member.what) actions.append(this.#showButton(item, member.name, member.what, value));
    if (member.line) actions.append(this.#copyButton("Line", member.name, member.line));
    if (member.reference) {
      actions.append(this.#copyButton("Reference", member.name, member.reference));
    }
    return row;
  }

  /**
   * @param {string} label
   * @param {string} member
   * @param {string} text
   */
  #copyButton(label, member, text) {
    const made = button(label, "bw-small bw-quiet");
    made.setAttribute("aria-label", `Copy the ${label.toLowerCase()} for ${member}`);
    made.title = text;
    made.addEventListener("click", () => this.#copy(text));
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
      return this.#askValue(item.entry, what, (answer) => {
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
