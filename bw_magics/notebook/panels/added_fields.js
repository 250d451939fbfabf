// New custom fields in the form of an item: a name, a kind and a value each.

import { button, element, keepOff, region } from "./elements.js";
import { selection } from "./item_places.js";

/**
 * @typedef {{name: string, kind: string, value: string}} Added
 *
 * @typedef {object} AddedRow
 * @property {HTMLElement} root
 * @property {HTMLInputElement} name
 * @property {HTMLSelectElement} kind
 * @property {HTMLInputElement} value
 * @property {HTMLInputElement} box the value of a boolean one
 */

/** The rows, and the button that adds one. */
export class AddedFields {
  root = element("div", "bw-added");
  #kinds;
  #add = button("Add field", "bw-small");
  /** @type {AddedRow[]} */
  #rows = [];
  #made = 0;

  /** @param {string[]} kinds */
  constructor(kinds) {
    this.#kinds = kinds;
    this.root.append(this.#add);
    this.#add.addEventListener("click", () => this.#addRow().name.focus());
  }

  /** What was added. */
  changes() {
    return this.#rows.map(({ name, kind, value, box }) => ({
      name: name.value,
      kind: kind.value,
      value: kind.value === "boolean" ? `${box.checked}` : value.value,
    }));
  }

  /** @param {Added[]} added what was added before */
  take(added) {
    for (const each of added) {
      const row = this.#addRow();
      row.name.value = each.name;
      row.kind.value = each.kind;
      if (each.kind === "boolean") row.box.checked = each.value === "true";
      else row.value.value = each.value;
      this.#arrange(row);
    }
  }

  forget() {
    for (const { name, value } of this.#rows) name.value = value.value = "";
  }

  #addRow() {
    this.#made += 1;
    const number = this.#made;
    const row = {
      root: region("div", "bw-added-row", "group", `New field ${number}`),
      name: textInput(`Name of new field ${number}`, "name"),
      kind: selection(
        this.#kinds.map((kind) => [kind, kind]),
        this.#kinds[0],
      ),
      value: textInput(`Value of new field ${number}`, "value"),
      box: element("input"),
    };
    row.kind.setAttribute("aria-label", `Kind of new field ${number}`);
    row.box.type = "checkbox";
    row.box.setAttribute("aria-label", `Value of new field ${number}`);
    const remove = button("Remove", "bw-small");
    remove.setAttribute("aria-label", `Remove new field ${number}`);
    remove.addEventListener("click", () => {
      this.#rows = this.#rows.filter((each) => each !== row);
      row.value.value = "";
      row.root.remove();
      this.#add.focus();
    });
    row.kind.addEventListener("change", () => this.#arrange(row));
    row.root.append(row.name, row.kind, row.value, row.box, remove);
    this.#arrange(row);
    this.#rows.push(row);
    this.#add.before(row.root);
    return row;
  }

  /** @param {AddedRow} row */
  #arrange({ kind, value, box }) {
    const isTruth = kind.value === "boolean";
    value.hidden = isTruth;
    box.hidden = !isTruth;
    value.type = kind.value === "hidden" ? "password" : "text";
    keepOff(value);
  }
}

/**
 * @param {string} label
 * @param {string} placeholder
 */
function textInput(label, placeholder) {
  const made = element("input", "bw-input");
  made.type = "text";
  made.placeholder = placeholder;
  made.setAttribute("aria-label", label);
  keepOff(made);
  return made;
}
