// Where an item is, in its form: the folder, the owner, the collections.

import { element, statusText } from "./elements.js";

/**
 * @typedef {{owner: string, name: string, chosen: boolean}} Collection
 *
 * @typedef {object} Places
 * @property {string[]} folders
 * @property {string} folder
 * @property {string[]} owners organisations to choose from; empty for the item of one
 * @property {string} owner the number of the chosen one; empty for the person
 * @property {string} warning what to know before another owner is chosen
 * @property {Collection[]} collections
 *
 * @typedef {(control: HTMLElement, name: string, label: string) => HTMLElement} Labelled
 */

/**
 * @param {[string, string][]} options values and texts
 * @param {string} chosen
 */
export function selection(options, chosen) {
  const made = element("select", "bw-input");
  for (const [value, text] of options) {
    const option = element("option", "", text);
    option.value = value;
    made.append(option);
  }
  made.value = chosen;
  return made;
}

/** The rows about places. */
export class PlaceRows {
  /** @type {HTMLElement[]} */
  rows = [];
  #places;
  #folder;
  #owner;
  #list = element("div", "bw-collections");
  #collections;
  /** @type {HTMLInputElement[]} */
  #boxes = [];
  #warning = statusText("bw-hint bw-form-warning");

  /**
   * @param {Places} places
   * @param {string} unique the beginning of the element ids
   * @param {Labelled} labelled makes a row
   */
  constructor(places, unique, labelled) {
    this.#places = places;
    this.#folder = selection(
      [
        ["", "no folder"],
        ...places.folders.map((name) => /** @type {[string, string]} */ ([name, name])),
      ],
      places.folder,
    );
    this.rows.push(labelled(this.#folder, "folder", "folder"));
    this.#owner = selection(
      [
        ["", "me"],
        ...places.owners.map((name, at) => /** @type {[string, string]} */ ([`${at}`, name])),
      ],
      places.owner,
    );
    if (places.owners.length) {
      const row = labelled(this.#owner, "owner", "owner");
      row.append(this.#warning);
      this.rows.push(row);
    }
    this.#collections = this.#collectionRow(unique);
    if (places.collections.length) this.rows.push(this.#collections);
    this.#owner.addEventListener("change", () => this.#arrange());
    this.#arrange();
  }

  /** The values that differ from those in the vault. */
  changes() {
    /** @type {Record<string, string | string[]>} */
    const changed = {};
    const { folder, owner, collections } = this.#places;
    if (this.#folder.value !== folder) changed.folder = this.#folder.value;
    if (this.#owner.value !== owner) changed.owner = this.#owner.value;
    const isOther = this.#boxes.some((box, at) => box.checked !== collections[at].chosen);
    if (isOther) {
      changed.collections = this.#boxes.filter((box) => box.checked).map((box) => box.value);
    }
    return changed;
  }

  /** @param {Record<string, any>} typed what was chosen before */
  take({ folder, owner, collections }) {
    if (folder !== undefined) this.#folder.value = folder;
    if (owner !== undefined) this.#owner.value = owner;
    if (collections) for (const box of this.#boxes) box.checked = collections.includes(box.value);
    this.#arrange();
  }

  /** @param {string} unique */
  #collectionRow(unique) {
    const row = element("div", "bw-form-row");
    const label = element("span", "bw-label", "collections");
    label.id = `${unique}-collections`;
    this.#list.setAttribute("role", "group");
    this.#list.setAttribute("aria-labelledby", label.id);
    this.#places.collections.forEach(({ name, chosen }, at) => {
      const box = element("input");
      box.type = "checkbox";
      box.value = `${at}`;
      box.checked = chosen;
      const line = element("label", "bw-collection");
      line.append(box, name);
      this.#boxes.push(box);
      this.#list.append(line);
    });
    row.append(label, this.#list);
    return row;
  }

  /** Shows the collections of the chosen owner. */
  #arrange() {
    const { owners, collections, owner, warning } = this.#places;
    const isChoice = owners.length > 0;
    this.#warning.textContent = this.#owner.value === owner ? "" : warning;
    this.#boxes.forEach((box, at) => {
      const isOfOwner = !isChoice || collections[at].owner === this.#owner.value;
      const line = box.parentElement;
      if (line) line.hidden = !isOfOwner;
      if (!isOfOwner) box.checked = false;
    });
    this.#collections.hidden = isChoice && this.#owner.value === "";
  }
}
