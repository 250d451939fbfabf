import { expect, it } from "vitest";
import { Row, ServerRow } from "../../bw_magics/notebook/panels/form_row.js";

const SERVER = {
  name: "server",
  label: "Server",
  masked: false,
  placeholder: "https://vault.example.org",
  choices: [
    { value: "us", label: "Bitwarden, United States", address: "https://vault.bitwarden.com" },
    { value: "eu", label: "Bitwarden, European Union", address: "https://vault.bitwarden.eu" },
  ],
};

/** @param {string} value */
function choose(value) {
  const row = new ServerRow(SERVER, "bw-1");
  const select = row.root.querySelector("select");
  if (!select) throw new Error("no select");
  select.value = value;
  select.dispatchEvent(new Event("change"));
  return row;
}

it("offers the servers and an own address, and begins with the first", () => {
  const row = new ServerRow(SERVER, "bw-1");
  const labels = [...row.root.querySelectorAll("option")].map((option) => option.textContent);

  expect(labels).toEqual([...SERVER.choices.map(({ label }) => label), "My own server"]);
  expect(row.value).toBe("us");
  expect(row.address).toBe("https://vault.bitwarden.com");
  expect(row.input.hidden).toBe(true);
});

it("takes another choice", () => {
  const row = choose("eu");

  expect(row.value).toBe("eu");
  expect(row.address).toBe("https://vault.bitwarden.eu");
});

it.each([
  ["", ""],
  ["  ", ""],
  ["https://vault.example.org", "https://vault.example.org"],
  [" vault.example.org ", "https://vault.example.org"],
  ["localhost:8443", "https://localhost:8443"],
  ["http://localhost:8080", "http://localhost:8080"],
  // Half of a key becomes an address that a person sees; it is never one of the regions.
  ["eu", "https://eu"],
])("sends the own address %j as %j", (typed, value) => {
  const row = choose("");
  row.input.value = typed;

  expect(row.input.hidden).toBe(false);
  expect(row.value).toBe(value);
  expect(row.address).toBe(value);
});

it("marks the element that a person fills in", () => {
  const row = choose("");
  row.mark(true);
  expect(row.input.getAttribute("aria-invalid")).toBe("true");
  row.mark(false);
  expect(row.root.querySelector("[aria-invalid]")).toBeNull();
});

it("shows the text of a masked input only", () => {
  const masked = new Row({ name: "p", label: "Master password", masked: true }, "bw-1");
  const readable = new Row({ name: "i", label: "client_id", masked: false }, "bw-1");
  for (const row of [masked, readable]) row.show(true);
  expect([masked.input.type, readable.input.type]).toEqual(["text", "text"]);
  for (const row of [masked, readable]) row.show(false);
  expect([masked.input.type, readable.input.type]).toEqual(["password", "text"]);
});
