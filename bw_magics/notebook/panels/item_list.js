// The left half of the vault browser: the items that a search found.

import { element, region } from "./elements.js";

/**
 * @typedef {{entry: string, name: string, type: string, place?: string, marks?: string[]}} Entry
 *
 * @typedef {object} Found  An answer to a search.
 * @property {Entry[]} entries
 * @property {number} total how many items the vault has outside trash and archive
 * @property {number} archived how many are in the archive
 * @property {boolean} is_all whether every item was found
 * @property {boolean} is_cut whether more were found than are shown
 */

/** @type {Record<string, number>} */
const STEPS = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };

/**
 * Words how many items are shown.
 *
 * @param {Found} found
 */
export function countText({ entries, total, archived, is_all, is_cut }) {
  // As `%bw_unlock` counts: it leaves the archive out.
  const others = archived ? ` + ${archived} archived` : "";
  const all = `${total} ${total === 1 ? "item" : "items"}${others}`;
  if (is_all && !is_cut) return all;
  const shown = is_cut ? `the first ${entries.length}` : `${entries.length}`;
  return `${shown} of ${all}`;
}

/**
 * Finds the row that a key leads to.
 *
 * @param {string} key
 * @param {number} at the focused row; -1 is the search field above the rows
 * @param {number} size how many rows there are
 * @returns {number | null} -1 leads back to the search field; null is a key that moves nothing
 */
export function rowAfter(key, at, size) {
  const step = STEPS[key];
  if (!step || !size) return null;
  if (at === 0 && step < 0) return -1;
  return Math.min(size - 1, Math.max(0, at + step));
}

/** The rows, one of them selected. */
export class ItemList {
  root;
  #choose;

  /**
   * @param {string} id
   * @param {(entry: string) => void} choose called when a person selects an item
   */
  constructor(id, choose) {
    this.root = region("div", "bw-list", "listbox", "Items");
    this.root.id = id;
    this.#choose = choose;
  }

  get rows() {
    return /** @type {HTMLButtonElement[]} */ ([...this.root.querySelectorAll("button")]);
  }

  /**
   * Selects an item, if it is listed. Returns whether it is.
   *
   * @param {string | null} entry
   */
  select(entry) {
    let isListed = false;
    for (const row of this.rows) {
      const isIt = entry !== null && row.dataset.entry === String(entry);
      row.setAttribute("aria-selected", String(isIt));
      isListed ||= isIt;
    }
    return isListed;
  }

  /** @param {Found} found */
  draw({ entries }) {
    const rows = entries.map((entry) => this.#row(entry));
    this.root.replaceChildren(...rows);
    if (rows.length) rows[0].tabIndex = 0;
    else this.root.append(element("div", "bw-empty", "Nothing has that in its name or folder."));
    this.root.scrollTop = 0;
  }

  /** @param {Entry} entry */
  #row({ entry, name, type, place, marks = [] }) {
    const row = element("button", "bw-entry");
    row.type = "button";
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", "false");
    row.tabIndex = -1;
    row.append(
      element("span", "bw-entry-name", name),
      element("span", "bw-entry-about", [type, place].filter(Boolean).join(" · ")),
    );
    row.dataset.entry = String(entry);
    if (marks.length) row.append(element("span", "bw-mark", marks.join(" · ")));
    row.addEventListener("click", () => {
      this.select(entry);
      this.#choose(entry);
    });
    return row;
  }
}
