// The form for a new item, or for changes to one. The kernel's side is item_form.py.

import { AddedFields } from "./added_fields.js";
import { button, element, keepOff, region, statusText } from "./elements.js";
import { PlaceRows, selection } from "./item_places.js";
import { strength } from "./strength.js";
import { UriRows } from "./uri_rows.js";

/**
 * @typedef {object} FormField
 * @property {string} name
 * @property {string} label
 * @property {string} value what it holds; empty for a secret
 * @property {boolean} secret
 * @property {boolean} set whether there is a value
 * @property {string} kept what becomes of a secret that there is, where nothing is typed
 * @property {boolean} lines whether it takes several lines
 * @property {boolean} generate whether a value can be generated
 * @property {boolean} removable whether it can be taken from the item
 * @property {string[]} choices the values to choose from; empty where anything can be typed
 * @property {string} fixed the text in place of something to type; empty where it is typed
 *
 * @typedef {object} FormAbout
 * @property {string} title
 * @property {string[]} types what can be created; empty for an item of the vault
 * @property {string} type
 * @property {FormField[]} fields
 * @property {string[]} kinds the kinds of new custom fields
 * @property {import("./uri_rows.js").Uris | null} uris those of a login
 *
 * @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Control
 *
 * @typedef {object} Actions
 * @property {(values: Record<string, any>) => void} save gets the values that were changed
 * @property {() => void} cancel
 * @property {(type: string) => void} choose draws the form of another type
 * @property {(then: (value: string) => void) => void} generate
 */

/** The form. */
export class ItemForm {
  root = element("form", "bw-item bw-form");
  #actions;
  #problem = element("div", "bw-problem");
  #submit = element("button", "bw-button bw-primary bw-small", "Save");
  /** @type {Map<string, {control: Control, before: string}>} */
  #controls = new Map();
  /** @type {HTMLSelectElement | null} */
  #type = null;
  /** @type {Map<string, () => void>} what takes each removed field back or away */
  #removers = new Map();
  /** @type {Set<string>} */
  #removed = new Set();
  #places;
  #added;
  /** @type {UriRows | null} */
  #uris = null;

  /**
   * @param {FormAbout & import("./item_places.js").Places} about
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
    for (const field of about.fields) {
      if (field.name === "notes" && about.uris) {
        this.#uris = new UriRows(about.uris);
        this.root.append(this.#uris.root);
      }
      this.root.append(this.#row(field, unique));
    }
    this.#added = new AddedFields(about.kinds);
    this.#places = new PlaceRows(about, unique, (control, name, label) =>
      this.#labelled(/** @type {Control} */ (control), name, label, unique),
    );
    this.root.append(this.#added.root, ...this.#places.rows, this.#problem, this.#buttons());
    this.root.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#submit.ariaBusy === "true") return;
      this.#setBusy(true);
      actions.save(this.changes());
    });
  }

  /** The values that differ from those in the vault, by the names of their fields. */
  changes() {
    /** @type {Record<string, any>} */
    const changed = this.#places.changes();
    const added = this.#added.changes();
    if (added.length) changed.added = added;
    const uris = this.#uris?.changes();
    if (uris) changed.uris = uris;
    if (this.#removed.size) changed.removed = [...this.#removed];
    for (const [name, { control, before }] of this.#controls) {
      if (control.value !== before && !this.#removed.has(name)) changed[name] = control.value;
    }
    return changed;
  }

  /** @param {string} problem */
  complain(problem) {
    this.#setBusy(false);
    this.#problem.textContent = problem;
  }

  /**
   * Takes over the values typed into the form of another type.
   *
   * @param {Record<string, any>} typed
   */
  take(typed) {
    this.#places.take(typed);
    this.#added.take(typed.added ?? []);
    this.#uris?.take(typed.uris);
    for (const name of typed.removed ?? []) this.#removers.get(name)?.();
    for (const [name, { control }] of this.#controls) {
      if (typeof typed[name] === "string") control.value = typed[name];
    }
  }

  /** Moves the focus to the choice of a type. */
  focusType() {
    this.#type?.focus({ preventScroll: true });
  }

  focus() {
    const [first] = this.#controls.values();
    first?.control.focus({ preventScroll: true });
  }

  /** Empties the fields. */
  forget() {
    for (const { control } of this.#controls.values()) control.value = "";
    this.#added.forget();
    this.#uris?.forget();
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
   * @param {FormAbout & import("./item_places.js").Places} about
   * @param {string} unique
   */
  #typeRow(about, unique) {
    const chosen = selection(
      about.types.map((type) => [type, type]),
      about.type,
    );
    chosen.addEventListener("change", () => this.#actions.choose(chosen.value));
    this.#type = chosen;
    return this.#labelled(chosen, "type", "type", unique);
  }

  /**
   * @param {FormField} field
   * @param {string} unique
   */
  #row(field, unique) {
    if (field.fixed) return this.#fixedRow(field);
    const control = input(field);
    this.#controls.set(field.name, { control, before: field.value });
    const row = this.#labelled(control, field.name, field.label, unique);
    const helpers = region("span", "bw-form-helpers", "group", `Help for ${field.label}`);
    if (field.generate) helpers.append(...this.#generator(control, field.label));
    if (field.removable) helpers.append(...this.#remover(field, row, control));
    if (helpers.hasChildNodes()) row.append(helpers);
    return row;
  }

  /**
   * A field that takes no text.
   *
   * @param {FormField} field
   */
  #fixedRow(field) {
    const row = element("div", "bw-form-row");
    const why = element("span", "bw-hint", field.fixed);
    row.append(element("span", "bw-label", field.label), why);
    if (field.removable) {
      const helpers = region("span", "bw-form-helpers", "group", `Help for ${field.label}`);
      helpers.append(...this.#remover(field, row, null));
      row.append(helpers);
    }
    return row;
  }

  /**
   * A button that takes a field from the item, and puts it back before it is saved.
   *
   * @param {FormField} field
   * @param {HTMLElement} row
   * @param {Control | null} control
   */
  #remover(field, row, control) {
    const state = statusText("bw-strength");
    const made = button("Remove", "bw-small");
    const arrange = () => {
      const isGone = this.#removed.has(field.name);
      made.textContent = isGone ? "Keep" : "Remove";
      made.setAttribute("aria-label", `${made.textContent} ${field.label}`);
      state.textContent = isGone ? "is removed when you save" : "";
      row.classList.toggle("bw-removed", isGone);
      if (control) control.disabled = isGone;
    };
    const turn = () => {
      if (!this.#removed.delete(field.name)) this.#removed.add(field.name);
      arrange();
    };
    made.addEventListener("click", turn);
    this.#removers.set(field.name, turn);
    arrange();
    return [made, state];
  }

  /**
   * A Generate button, and a hint how strong the value is.
   *
   * @param {Control} control
   * @param {string} label
   */
  #generator(control, label) {
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
    return [made, hint];
  }
}

/** @param {FormField} field */
function input(field) {
  if (field.choices.length) {
    return selection(
      field.choices.map((word) => [word, word]),
      field.value,
    );
  }
  const made = field.lines
    ? element("textarea", "bw-input bw-lines")
    : element("input", "bw-input");
  if (made instanceof HTMLInputElement) made.type = field.secret ? "password" : "text";
  keepOff(made);
  if (field.kept) made.placeholder = field.kept;
  made.value = field.value;
  return made;
}
