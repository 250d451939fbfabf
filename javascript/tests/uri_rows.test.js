import { expect, it } from "vitest";
import { UriRows } from "../../bw_magics/notebook/panels/uri_rows.js";

const MATCHES = ["default", "domain", "exact"];
const KNOWN = [
  { value: "https://a.example", kept: "", match: "exact" },
  { value: "", kept: "unchanged", match: "default" },
];

function uris(rows = KNOWN, note = "") {
  const made = new UriRows({ rows, matches: MATCHES, note });
  document.body.replaceChildren(made.root);
  return made;
}

/** @param {string} label */
function labelled(label) {
  const found = document.querySelector(`[aria-label="${label}"]`);
  return /** @type {HTMLInputElement} */ (found);
}

/** @param {string} text */
function press(text) {
  const found = [...document.querySelectorAll("button")].find(
    (each) => (each.getAttribute("aria-label") ?? each.textContent) === text,
  );
  found?.click();
}

it("sends nothing where nothing was changed", () => {
  const made = uris();
  expect(made.changes()).toBeUndefined();
  press("Add URI");
  expect(made.changes()).toBeUndefined();
});

it("masks a URI with a secret, and keeps it", () => {
  const made = uris();
  expect(labelled("Address of URI 2").type).toBe("password");
  expect(labelled("Address of URI 2").placeholder).toBe("unchanged");
  labelled("Match of URI 2").value = "domain";
  expect(made.changes()).toEqual([
    { at: "0", uri: "", match: "exact" },
    { at: "1", uri: "", match: "domain" },
  ]);
});

it("adds, changes and removes URIs", () => {
  const made = uris();
  press("Add URI");
  expect(document.activeElement).toBe(labelled("Address of URI 3"));
  labelled("Address of URI 3").value = " https://new.example ";
  labelled("Address of URI 1").value = "https://b.example";
  press("Remove URI 2");
  expect(made.changes()).toEqual([
    { at: "0", uri: "https://b.example", match: "exact" },
    { at: "", uri: "https://new.example", match: "default" },
  ]);
  labelled("Address of URI 1").value = "";
  expect(made.changes()).toEqual([{ at: "", uri: "https://new.example", match: "default" }]);
  made.forget();
  expect(labelled("Address of URI 3").value).toBe("");
});

it("takes over the rows of another form", () => {
  const first = uris();
  press("Add URI");
  labelled("Address of URI 3").value = "https://new.example";
  press("Remove URI 1");
  const typed = first.changes();
  const second = uris();
  second.take(typed);
  expect(second.changes()).toEqual(typed);
  second.take(undefined);
  expect(second.changes()).toEqual(typed);
});

it("takes no other URI where one cannot be read", () => {
  const made = uris([], "One of the URIs cannot be read.");
  expect(document.querySelector("button")).toBeNull();
  expect(document.body.textContent).toContain("cannot be read");
  expect(made.changes()).toBeUndefined();
});
