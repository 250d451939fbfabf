import { expect, it } from "vitest";
import { KeyPageLink, keyPage } from "../../bw_magics/notebook/panels/key_page.js";

const PAGE = "/#/settings/security/security-keys";

it.each([
  ["https://vault.bitwarden.com", `https://vault.bitwarden.com${PAGE}`],
  ["https://example.org:8443/vault/", `https://example.org:8443/vault${PAGE}`],
  ["https://example.org/?a=b#/login", `https://example.org${PAGE}`],
  ["http://localhost:8080", `http://localhost:8080${PAGE}`],
  ["http://example.org", null],
  ["https://joe:made-up@example.org", null],
  ["javascript:alert(1)", null],
  ["data:text/html,x", null],
  ["https://", null],
  ["", null],
])("the page of %j is %j", (address, page) => {
  expect(keyPage(address)).toBe(page);
});

it("opens a new tab that knows nothing of this one", () => {
  const made = new KeyPageLink();
  expect(made.root.hidden).toBe(true);
  made.lead("https://vault.bitwarden.eu");
  const link = made.root.querySelector("a");

  expect(made.root.hidden).toBe(false);
  expect(link?.target).toBe("_blank");
  expect(link?.rel).toContain("noopener");
  expect(link?.textContent).toBe("Open vault.bitwarden.eu in a new tab");

  made.lead("javascript:alert(1)");
  expect(made.root.hidden).toBe(true);
  expect(link?.hasAttribute("href")).toBe(false);
});
