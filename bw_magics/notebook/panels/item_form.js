// The form of the vault browser: a new item, or changes to one. The kernel's side is item_form.py.

import { button, element, keepOff, region, statusText } from "./elements.js";
import { strength } from "./strength.js";

/**
 * @typedef {object} FormField
 * @property {string} name
 * @property {string} label
 * @property {string} value what it holds; empty for a secret
 * @property {boolean} secret
 * @property {boolean} set whether the vault has a value
 * @property {boolean} lines whether it takes several lines
 * @property {boolean} generate whether a value can be generated
 *
 * @typedef {object} About
 * @property {string} title
 * @property {string[]} types what can be created; empty for an item of the vault
 * @property {string} type
 * @property {FormField[]} fields
 * @property {string[]} folders
 * @property {string} folder
 * @property {string} nonce
 * @property {string} key
 *
 * @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Control
 *
 * @typedef {object} Actions
 * @property {(values: Record<string, string>) => void} save gets the values that were changed
 * @property {() => void} cancel
 * @property {(type: string) => void} choose draws the form of another type
 * @property {(then: (value: string) => void) => void} generate
 */

const UNCHANGED = "unchanged";

/** The form, as the right half of the browser. */
export class ItemForm {
  root = element("form", "bw-item bw-form");
  #actions;
  #problem = element("div", "bw-problem");
  #submit = element("button", "bw-button bw-primary bw-small", "Save");
  /** @type {Map<string, {control: Control, before: string}>} */
  #controls = new Map();

  /**
   * @param {About} about
   * @param {string} unique the beginning of the element ids
   * @param {Actions} actions
   */
  constructor(about, unique, actions) {
    this.#actions = actions;
    this.root.noValidate = true;
    this.root.autocomplete = "off";
    this.root.setAttribute("aria-label", about.title);
    this.#problem.setAttribute("role", "alert");
    this.#submit.type = "submit";
    this.root.append(element("div", "bw-item-name", about.title));
    if (about.types.length) this.root.append(this.#typeRow(about, unique));
    for (const field of about.fields) this.root.append(this.#row(field, unique));
    this.root.append(this.#folderRow(about, unique), this.#problem, this.#buttons());
    this.root.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#submit.ariaBusy === "true") return;
      this.#setBusy(true);
      actions.save(this.changes());
    });
  }

  /** The values that differ from those in the vault, by the names of their fields. */
  changes() {
    /** @type {Record<string, string>} */
    const changed = {};
    for (const [name, { control, before }] of this.#controls) {
      if (control.value !== before) changed[name] = control.value;
    }
    return changed;
  }

  /** @param {string} problem */
  complain(problem) {
    this.#setBusy(false);
    this.#problem.textContent = problem;
  }

  focus() {
    const [first] = this.#controls.values();
    first?.control.focus({ preventScroll: true });
  }

  /** Empties the fields. */
  forget() {
    for (const { control } of this.#controls.values()) control.value = "";
  }

  /**
   * The button is not disabled while it is busy: that would take the keyboard's focus away.
   *
   * @param {boolean} isBusy
   */
  #setBusy(isBusy) {
    this.#submit.ariaBusy = String(isBusy);
    this.#submit.textContent = isBusy ? "Saving …" : "Save";
  }

  #buttons() {
    const cancel = button("Cancel", "bw-small");
    cancel.addEventListener("click", () => this.#actions.cancel());
    const made = element("div", "bw-actions");
    made.append(this.#submit, cancel);
    return made;
  }

  /**
   * @param {Control} control
   * @param {string} name
   * @param {string} label
   * @param {string} unique
   */
  #labelled(control, name, label, unique) {
    const row = element("div", "bw-form-row");
    const text = element("label", "bw-label", label);
    control.id = `${unique}-${name}`;
    text.htmlFor = control.id;
    row.append(text, control);
    return row;
  }

  /**
   * @param {About} about
   * @param {string} unique
   */
  #typeRow(about, unique) {
    const chosen = choice(about.types, about.type);
    chosen.addEventListener("change", () => this.#actions.choose(chosen.value));
    return this.#labelled(chosen, "type", "type", unique);
  }

  /**
   * @param {About} about
   * @param {string} unique
   */
  #folderRow(about, unique) {
    const chosen = choice(["", ...about.folders], about.folder);
    this.#controls.set("folder", { control: chosen, before: about.folder });
    return this.#labelled(chosen, "folder", "folder", unique);
  }

  /**
   * @param {FormField} field
   * @param {string} unique
   */
  #row(field, unique) {
    const control = input(field);
    this.#controls.set(field.name, { control, before: field.value });
    const row = this.#labelled(control, field.name, field.label, unique);
    if (field.generate) row.append(...this.#helpers(control, field.label));
    return row;
  }

  /**
   * A Generate button, and a hint how strong the value is.
   *
   * @param {Control} control
   * @param {string} label
   */
  #helpers(control, label) {
    const hint = statusText("bw-strength");
    const made = button("Generate", "bw-small");
    made.setAttribute("aria-label", `Generate ${label}`);
    const judge = () => {
      hint.textContent = strength(control.value);
    };
    made.addEventListener("click", () =>
      this.#actions.generate((value) => {
        control.value = value;
        judge();
      }),
    );
    control.addEventListener("input", judge);
    const helpers = region("span", "bw-form-helpers", "group", `Help for ${label}`);
    helpers.append(made, hint);
    return [helpers];
  }
}

/**
 * @param {string[]} words
 * @param {string} chosen
 */
function choice(words, chosen) {
  const made = element("select", "bw-input");
  for (const word of words) {
    const option = element("option", "", word || "no folder");
    option.value = word;
    made.append(option);
  }
  made.value = chosen;
  return made;
}

/** @param {FormField} field */
function input(field) {
  const made = field.lines
    ? element("textarea", "bw-input bw-lines")
    : element("input", "bw-input");
  if (made instanceof HTMLInputElement) made.type = field.secret ? "password" : "text";
  keepOff(made);
  if (field.secret && field.set) made.placeholder = UNCHANGED;
  made.value = field.value;
  return made;
}
