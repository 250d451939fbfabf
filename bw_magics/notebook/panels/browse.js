// The vault browser. Everything it shows comes sealed to a key of its own and stays on the page.
// The kernel's side is browser.py.

import { copyForAWhile } from "./clipboard.js";
import { Conversation } from "./conversation.js";
import { button, element, keepOff, region, shield, statusText } from "./elements.js";
import { countText, ItemList, rowAfter } from "./item_list.js";
import { ItemPane } from "./item_pane.js";
import { sealedForm } from "./sealed_form.js";
import { introduce, whenSeen } from "./view.js";

/**
 * @typedef {import("./view.js").Model} Model
 * @typedef {{binding: string, seconds: number}} About
 */

const TYPING = 120; // ms without a key until a search is sent
const HINT = "Copied code and references work in a cell. Nothing shown here is saved.";
const NO_HITS = "No item is selected.";

/** @param {string} list the id of the list that the field filters */
function searchField(list) {
  const made = element("input", "bw-input bw-search");
  made.type = "search";
  made.placeholder = "Search the vault";
  made.setAttribute("aria-label", "Search the vault");
  made.setAttribute("aria-controls", list);
  keepOff(made);
  return made;
}

function newButton() {
  const made = button("New", "bw-small");
  made.setAttribute("aria-label", "New item");
  return made;
}

function closeButton() {
  const made = button("Close", "bw-small");
  made.setAttribute("aria-label", "Close the vault browser");
  return made;
}

/** A search field above a list and an item, and the conversation with the kernel. */
class BrowserPanel {
  #model;
  #conversation;
  #card = region("div", "bw-card bw-browser", "group", "Vault browser");
  #search;
  #list;
  #item;
  #count = statusText("bw-count");
  #note = statusText("bw-copied", HINT);
  #columns = element("div", "bw-columns");
  /** @type {import("./item_form.js").ItemForm | null} */
  #form = null;
  /** @type {() => void} */
  #clearClipboard = () => {};
  #binding;
  #seconds;
  #newestSearch = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #typing;

  /**
   * @param {Model} model
   * @param {About} about
   */
  constructor(model, about) {
    const list = `bw-${about.binding}-list`;
    this.#model = model;
    this.#binding = about.binding;
    this.#seconds = about.seconds;
    this.#conversation = new Conversation(model, about.binding, (answer, isAsked) => {
      if (answer.kind === "problem") this.#note.textContent = answer.text;
      if (answer.kind === "list" && !isAsked) this.#drawList(answer);
    });
    this.#search = searchField(list);
    this.#list = new ItemList(list, (entry) => this.#open(entry));
    this.#item = new ItemPane(about.seconds, {
      askValue: (entry, what, then) => this.#conversation.ask("reveal", { entry, what }, then),
      copy: (text) => this.#copy(text),
      copyValue: (text, name) => this.#copyValue(text, name),
      edit: (entry) =>
        this.#conversation.ask("edit", { entry }, (answer) => this.#drawForm(answer)),
      trash: (entry) =>
        this.#conversation.ask("trash", { entry }, (answer) => this.#changed(answer)),
    });
    this.#arrange();
    this.#search.addEventListener("input", () => this.#searchSoon());
    this.#card.addEventListener("keydown", (event) => this.#press(event));
  }

  #arrange() {
    const head = element("div", "bw-head");
    const add = newButton();
    const close = closeButton();
    head.append(this.#search, this.#count, add, close);
    this.#columns.append(this.#list.root, this.#item.root);
    const foot = element("div", "bw-foot");
    foot.append(this.#note);
    this.#card.append(head, this.#columns, foot);
    shield(this.#card);
    add.addEventListener("click", () => this.#new("login"));
    close.addEventListener("click", () => {
      this.#item.hideAll();
      this.#clearClipboard();
      this.#model.send({ t: "close" });
    });
  }

  /**
   * Adds the panel to the page; it asks for the items when a person can see it.
   *
   * @param {HTMLElement} el
   */
  attach(el) {
    const end = this.#conversation.begin();
    el.append(this.#card);
    const stopLooking = whenSeen(this.#card, () => {
      this.#search.focus({ preventScroll: true });
      return this.#conversation.announce();
    });
    return () => {
      stopLooking();
      clearTimeout(this.#typing);
      this.#item.hideAll();
      this.#form?.forget();
      this.#clearClipboard();
      end();
      this.#card.remove();
    };
  }

  /** @param {import("./item_list.js").Found} found */
  #drawList(found) {
    this.#list.draw(found);
    this.#count.textContent = countText(found);
    if (this.#item.entry !== null && !this.#list.select(this.#item.entry)) {
      this.#item.clear(NO_HITS);
    }
  }

  /** @param {string} entry */
  #open(entry) {
    this.#conversation.ask("open", { entry }, (answer) => {
      if (answer.kind !== "item") return;
      this.#leaveForm();
      this.#item.draw(answer);
    });
  }

  /** @param {string} type */
  #new(type) {
    this.#conversation.ask("new", { type }, (answer) => this.#drawForm(answer));
  }

  /**
   * Draws a form; one of another type keeps the typed values, as far as it has the same fields.
   *
   * @param {any} about
   * @param {Record<string, any>} [typed]
   */
  #drawForm(about, typed) {
    if (about.kind !== "form") return;
    this.#item.hideAll();
    this.#leaveForm();
    const form = sealedForm(about, this.#binding, this.#conversation, {
      saved: (answer) => this.#changed(answer),
      cancel: () => this.#leaveForm(),
      other: (answer) => this.#drawForm(answer, form.changes()),
    });
    this.#form = form;
    this.#item.root.replaceWith(form.root);
    if (!typed) return form.focus();
    form.take(typed);
    return form.focusType();
  }

  #leaveForm() {
    if (!this.#form) return false;
    this.#form.forget();
    this.#form.root.replaceWith(this.#item.root);
    this.#form = null;
    return true;
  }

  /**
   * Shows what a change did: the list anew, and the item if it is still there.
   *
   * @param {any} answer
   */
  #changed(answer) {
    if (answer.text) this.#note.textContent = answer.text;
    if (answer.kind !== "saved" && answer.kind !== "gone") return;
    this.#leaveForm();
    this.#item.clear(NO_HITS);
    this.#sendSearch();
    if (answer.kind === "saved") this.#open(answer.entry);
    this.#search.focus({ preventScroll: true });
  }

  #searchSoon() {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.#sendSearch(), TYPING);
  }

  #sendSearch() {
    const text = this.#search.value;
    this.#newestSearch = this.#conversation.ask("search", { text }, (answer, number) => {
      if (number === this.#newestSearch && answer.kind === "list") this.#drawList(answer);
    });
  }

  /**
   * @param {string} text
   * @param {string} name
   */
  async #copyValue(text, name) {
    this.#clearClipboard = () => {};
    try {
      this.#clearClipboard = await copyForAWhile(text, this.#seconds, () => {
        this.#note.textContent = "The clipboard is empty again.";
      });
      this.#note.textContent = `Copied ${name}; the clipboard is emptied in ${this.#seconds} s.`;
    } catch {
      this.#note.textContent = "The browser does not allow to copy. Show it and press Ctrl+C.";
    }
  }

  /** @param {string} text */
  async #copy(text) {
    const code = element("code", "", text);
    try {
      await navigator.clipboard.writeText(text);
      this.#note.replaceChildren("Copied: ", code);
    } catch {
      this.#note.replaceChildren("Press Ctrl+C: ", code);
      getSelection()?.selectAllChildren(code);
    }
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (event.key === "Escape") {
      event.preventDefault();
      this.#escape();
      return;
    }
    const { rows } = this.#list;
    const at = rows.findIndex((row) => row.matches(":focus"));
    const isInSearch = event.target === this.#search;
    if (at < 0 && !isInSearch) return;
    const next = rowAfter(event.key, at, rows.length);
    if (next !== null) {
      event.preventDefault();
      (rows[next] ?? this.#search).focus();
    } else if (event.key === "Enter" && isInSearch && rows.length) {
      event.preventDefault();
      rows[0].click();
    }
  }

  /** Leaves the form, else hides the values, else empties the search. */
  #escape() {
    if (this.#leaveForm()) {
      this.#search.focus();
      return;
    }
    if (this.#item.hideAll()) return;
    if (this.#search.value) {
      this.#search.value = "";
      this.#search.dispatchEvent(new Event("input"));
    }
    this.#search.focus();
  }
}

/** @param {{model: Model, el: HTMLElement}} view */
function render({ model, el }) {
  return introduce(model, el, "browse", ({ about }) => new BrowserPanel(model, about).attach(el));
}

export default { render };
