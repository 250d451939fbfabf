// The rows of the masked form: what a person types, and the choice of a server.

import { element, keepOff } from "./elements.js";

/**
 * @typedef {{value: string, label: string, address: string}} Choice  A value to choose, and the
 * address of the web vault that belongs to it.
 *
 * @typedef {object} Field
 * @property {string} name
 * @property {string} label
 * @property {boolean} masked
 * @property {string} [placeholder]
 * @property {Choice[]} [choices] a field with choices also takes an address of one's own
 */

/** One labelled input. */
export class Row {
  #field;
  /** @type {HTMLElement} */
  root = element("div", "bw-row");
  label = element("label", "bw-label");
  input = element("input", "bw-input");

  /**
   * @param {Field} field
   * @param {string} unique the beginning of the form's element ids
   */
  constructor(field, unique) {
    this.#field = field;
    const { input, label } = this;
    label.textContent = field.label;
    input.type = field.masked ? "password" : "text";
    input.id = `${unique}-${field.name}`;
    input.name = input.id;
    label.htmlFor = input.id;
    input.required = true;
    input.setAttribute("aria-describedby", `${unique}-problem ${unique}-hint`);
    if (field.placeholder) input.placeholder = field.placeholder;
    keepOff(input);
    this.root.append(label, input);
  }

  get name() {
    return this.#field.name;
  }

  get title() {
    return this.#field.label;
  }

  get isMasked() {
    return this.#field.masked;
  }

  get value() {
    return this.input.value;
  }

  /** The element that a person fills in. */
  get control() {
    return /** @type {HTMLInputElement | HTMLSelectElement} */ (this.input);
  }

  /** @param {boolean} on */
  enable(on) {
    this.input.disabled = !on;
  }

  /** @param {boolean} isWrong */
  mark(isWrong) {
    if (isWrong) this.control.setAttribute("aria-invalid", "true");
    else this.root.querySelector("[aria-invalid]")?.removeAttribute("aria-invalid");
  }

  /**
   * Shows the text of a masked input, or hides it again.
   *
   * @param {boolean} on
   */
  show(on) {
    if (this.isMasked) this.input.type = on ? "text" : "password";
  }
}

/** The server: one of the choices, or the address of one's own. */
export class ServerRow extends Row {
  #choices;
  #select = element("select", "bw-input bw-select");

  /**
   * @param {Field} field
   * @param {string} unique
   */
  constructor(field, unique) {
    super(field, unique);
    this.#choices = field.choices ?? [];
    const own = { value: "", label: "My own server" };
    for (const { value, label } of [...this.#choices, own]) {
      this.#select.append(Object.assign(element("option", "", label), { value }));
    }
    this.#select.value = this.#choices[0]?.value ?? "";
    this.#select.id = `${unique}-${field.name}-choice`;
    this.label.htmlFor = this.#select.id;
    this.input.setAttribute("aria-label", "Address of your server");
    this.input.inputMode = "url";
    this.label.after(this.#select);
    this.#select.addEventListener("change", () => {
      this.#arrange();
      if (!this.input.hidden) this.input.focus();
    });
    this.#arrange();
  }

  /** @override */
  get value() {
    return this.#select.value || whole(this.input.value);
  }

  /** @override */
  get control() {
    return this.#select.value ? this.#select : this.input;
  }

  /** The address of the web vault; empty while none is named. */
  get address() {
    const chosen = this.#choices.find(({ value }) => value === this.#select.value);
    return chosen ? chosen.address : this.value;
  }

  /**
   * @override
   * @param {boolean} on
   */
  enable(on) {
    super.enable(on);
    this.#select.disabled = !on;
  }

  #arrange() {
    this.input.hidden = this.#select.value !== "";
  }
}

/**
 * Adds `https://` to an address without it.
 *
 * @param {string} typed
 */
function whole(typed) {
  const text = typed.trim();
  return text === "" || /^https?:/i.test(text) ? text : `https://${text}`;
}
