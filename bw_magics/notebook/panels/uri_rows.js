// The URIs in the form of a login: an address and a match each. The kernel's side is uri_rows.py.

import { button, element, keepOff, region } from "./elements.js";
import { selection } from "./item_places.js";

/**
 * @typedef {object} Uris
 * @property {{value: string, kept: string, match: string}[]} rows those of the vault; one with a
 *   secret has no value, and says in `kept` what becomes of it
 * @property {string[]} matches the ways to compare one with a page
 * @property {string} note why they cannot be changed; empty where they can
 *
 * @typedef {{at: string, uri: string, match: string}} SentUri  `at` is the number of one of the
 *   vault; without a text it stays as it is
 *
 * @typedef {object} UriRow
 * @property {HTMLElement} root
 * @property {HTMLInputElement} address
 * @property {HTMLSelectElement} match
 * @property {string} at
 * @property {string} before
 */

/** The rows, and the button that adds one. */
export class UriRows {
  root = element("div", "bw-form-row");
  #list;
  #matches;
  #before;
  #add = button("Add URI", "bw-small");
  /** @type {UriRow[]} */
  #rows = [];
  #made = 0;

  /** @param {Uris} uris */
  constructor({ rows, matches, note }) {
    this.#matches = matches;
    this.#list = region("div", "bw-added", "group", "URIs");
    this.root.append(element("span", "bw-label", "uris"), this.#list);
    if (note) this.#list.append(element("span", "bw-hint", note));
    else this.#list.append(this.#add);
    this.#add.addEventListener("click", () => this.#addRow().address.focus());
    for (const [at, row] of rows.entries()) this.#addRow(row, `${at}`);
    this.#before = JSON.stringify(this.#sent());
  }

  /** All URIs where one was changed, added or removed; else nothing. */
  changes() {
    const sent = this.#sent();
    return JSON.stringify(sent) === this.#before ? undefined : sent;
  }

  /** @param {SentUri[] | undefined} typed the rows of an earlier form */
  take(typed) {
    if (!typed) return;
    const known = this.#rows;
    const staying = new Set(typed.map(({ at }) => at));
    for (const row of known) if (!staying.has(row.at)) this.#remove(row);
    for (const { at, uri, match } of typed) {
      const row = known.find((each) => at !== "" && each.at === at) ?? this.#addRow();
      if (uri) row.address.value = uri;
      row.match.value = match;
    }
  }

  forget() {
    for (const { address } of this.#rows) address.value = "";
  }

  /** An emptied row is left out, as one that was removed. */
  #sent() {
    /** @type {SentUri[]} */
    const sent = [];
    for (const { at, address, before, match } of this.#rows) {
      const isKept = at !== "" && address.value === before;
      const uri = isKept ? "" : address.value.trim();
      if (isKept || uri) sent.push({ at, uri, match: match.value });
    }
    return sent;
  }

  /**
   * @param {{value: string, kept: string, match: string}} [uri]
   * @param {string} [at]
   */
  #addRow(uri, at = "") {
    this.#made += 1;
    const number = this.#made;
    const row = {
      root: region("div", "bw-uri-row", "group", `URI ${number}`),
      address: addressInput(number, uri?.kept ?? ""),
      match: selection(
        this.#matches.map((match) => [match, match]),
        uri?.match ?? this.#matches[0],
      ),
      at,
      before: uri?.value ?? "",
    };
    row.address.value = row.before;
    row.match.setAttribute("aria-label", `Match of URI ${number}`);
    const remove = button("Remove", "bw-small");
    remove.setAttribute("aria-label", `Remove URI ${number}`);
    remove.addEventListener("click", () => {
      this.#remove(row);
      this.#add.focus();
    });
    row.root.append(row.address, row.match, remove);
    this.#rows.push(row);
    this.#add.before(row.root);
    return row;
  }

  /** @param {UriRow} row */
  #remove(row) {
    this.#rows = this.#rows.filter((each) => each !== row);
    row.address.value = "";
    row.root.remove();
  }
}

/**
 * @param {number} number
 * @param {string} kept what becomes of a secret one where nothing is typed
 */
function addressInput(number, kept) {
  const made = element("input", "bw-input");
  made.type = kept ? "password" : "text";
  made.inputMode = "url";
  made.placeholder = kept || "https://";
  made.setAttribute("aria-label", `Address of URI ${number}`);
  keepOff(made);
  return made;
}
