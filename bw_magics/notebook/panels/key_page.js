// The link to the page of the web vault that shows the API key.

import { element } from "./elements.js";

// The web vault's own route, at Bitwarden and at Vaultwarden.
const PAGE = "/#/settings/security/security-keys";
const HERE = ["localhost", "127.0.0.1", "[::1]"];

/**
 * Returns the address of that page; null for a text that is not the address of a web vault.
 *
 * @param {string} address
 */
export function keyPage(address) {
  if (!URL.canParse(address)) return null;
  const { protocol, hostname, username, host, pathname } = new URL(address);
  const isHere = protocol === "http:" && HERE.includes(hostname);
  if ((protocol !== "https:" && !isHere) || username) return null;
  return `${protocol}//${host}${pathname.replace(/\/+$/, "")}${PAGE}`;
}

/** A link that opens the page in a new tab; hidden while no web vault is known. */
export class KeyPageLink {
  root = element("div", "bw-hint");
  #link = element("a", "bw-link");

  constructor() {
    this.#link.target = "_blank";
    this.#link.rel = "noopener noreferrer";
    this.root.append(this.#link);
    this.lead("");
  }

  /** @param {string} address the web vault's */
  lead(address) {
    const page = keyPage(address);
    this.root.hidden = page === null;
    if (page === null) {
      this.#link.removeAttribute("href");
      return;
    }
    this.#link.href = page;
    this.#link.textContent = `Open ${new URL(page).host} in a new tab`;
  }
}
