import { expect, it, vi } from "vitest";
import { ItemForm } from "../../bw_magics/notebook/panels/item_form.js";

/**
 * @param {string} name
 * @param {object} rest
 */
function field(name, rest = {}) {
  const plain = { value: "", secret: false, set: false, lines: false, generate: false };
  const more = { kept: "", choices: [], fixed: "", removable: false };
  return { name, label: name, ...plain, ...more, ...rest };
}

const ABOUT = {
  title: "Edit 'Sales DB'",
  types: [],
  type: "login",
  folders: ["Work", "Work/Databases"],
  folder: "Work",
  owners: [],
  owner: "",
  collections: [],
  warning: "",
  kinds: ["text", "hidden", "boolean"],
  uris: null,
  nonce: "",
  key: "",
  fields: [
    field("name", { value: "Sales DB" }),
    field("password", { secret: true, set: true, kept: "unchanged", generate: true }),
    field("notes", { secret: true, lines: true }),
  ],
};

function form(about = /** @type {any} */ (ABOUT)) {
  const actions = {
    save: vi.fn(),
    cancel: vi.fn(),
    choose: vi.fn(),
    generate: vi.fn((/** @type {(value: string) => void} */ then) => then("kX9mPq2vRt7wZb4n")),
  };
  const made = new ItemForm(about, "bw-1", actions);
  document.body.append(made.root);
  /** @param {string} name */
  const control = (name) =>
    /** @type {HTMLInputElement} */ (made.root.querySelector(`[id="bw-1-${name}"]`));
  return { made, actions, control };
}

it("saves only what was changed", () => {
  const { made, actions, control } = form();
  control("name").value = "Sales DB 2";
  control("folder").value = "";
  made.root.requestSubmit();

  expect(actions.save).toHaveBeenCalledWith({ name: "Sales DB 2", folder: "" });
});

it("masks a secret, and says that one is there", () => {
  const { control } = form();

  expect(control("password").type).toBe("password");
  expect(control("password").placeholder).toBe("unchanged");
  expect(control("notes").placeholder).toBe("");
});

it("takes a generated value over and says how strong it is", () => {
  const { made, control } = form();
  made.root.querySelector("button")?.click();

  expect(control("password").value).toBe("kX9mPq2vRt7wZb4n");
  expect(made.root.querySelector(".bw-strength")?.textContent).toBe("strong");
  expect(made.changes()).toEqual({ password: "kX9mPq2vRt7wZb4n" });
});

it("can be sent again after a problem, and forgets the answers", () => {
  const { made, actions, control } = form();
  control("password").value = "typed";
  made.root.requestSubmit();
  made.complain("No folder has the name or id 'Work'.");
  expect(made.root.querySelector('[role="alert"]')?.textContent).toContain("No folder");
  made.root.requestSubmit();
  made.root.requestSubmit();
  expect(actions.save).toHaveBeenCalledTimes(2);
  made.forget();

  expect(control("password").value).toBe("");
});

it("asks for the form of another type", () => {
  const { actions, control } = form({ ...ABOUT, types: ["login", "card"] });
  control("type").value = "card";
  control("type").dispatchEvent(new Event("change"));

  expect(actions.choose).toHaveBeenCalledWith("card");
});

const NEW = {
  ...ABOUT,
  title: "New item",
  types: ["login", "note"],
  owners: ["Guild", "Lab"],
  collections: [
    { owner: "0", name: "Data", chosen: false },
    { owner: "0", name: "Production", chosen: false },
    { owner: "1", name: "Lab data", chosen: false },
  ],
};

/** @param {HTMLElement} root */
function boxes(root) {
  const found = /** @type {NodeListOf<HTMLInputElement>} */ (
    root.querySelectorAll(".bw-collection:not([hidden]) input")
  );
  return [...found];
}

it("offers the collections of the chosen owner, and none to a person", () => {
  const { made, control } = form(NEW);
  expect(boxes(made.root)).toHaveLength(0);
  control("owner").value = "0";
  control("owner").dispatchEvent(new Event("change"));
  const [, production] = boxes(made.root);
  production.checked = true;
  expect(made.changes()).toEqual({ owner: "0", collections: ["1"] });
  control("owner").value = "1";
  control("owner").dispatchEvent(new Event("change"));
  expect(boxes(made.root)).toHaveLength(1);
  expect(made.changes()).toEqual({ owner: "1" });
});

it("keeps the collections of an item that are not touched", () => {
  const collections = [{ owner: "0", name: "Data", chosen: true }];
  const { made } = form({ ...ABOUT, collections });
  expect(made.changes()).toEqual({});
  boxes(made.root)[0].checked = false;
  expect(made.changes()).toEqual({ collections: [] });
});

/** @param {HTMLElement} root @param {string} name */
function press(root, name) {
  const found = [...root.querySelectorAll("button")].find(
    (each) => (each.getAttribute("aria-label") ?? each.textContent) === name,
  );
  found?.click();
  return found;
}

/** @param {HTMLElement} root @param {string} label */
function labelled(root, label) {
  return /** @type {HTMLInputElement} */ (root.querySelector(`[aria-label="${label}"]`));
}

it("adds custom fields of each kind, and takes them away again", () => {
  const { made } = form();
  for (const kind of ["text", "hidden", "boolean"]) {
    press(made.root, "Add field");
    const number = ["text", "hidden", "boolean"].indexOf(kind) + 1;
    labelled(made.root, `Name of new field ${number}`).value = kind;
    labelled(made.root, `Kind of new field ${number}`).value = kind;
    labelled(made.root, `Kind of new field ${number}`).dispatchEvent(new Event("change"));
    labelled(made.root, `Value of new field ${number}`).value = `a ${kind}`;
  }
  expect(labelled(made.root, "Value of new field 2").type).toBe("password");
  expect(made.changes().added).toEqual([
    { name: "text", kind: "text", value: "a text" },
    { name: "hidden", kind: "hidden", value: "a hidden" },
    { name: "boolean", kind: "boolean", value: "false" },
  ]);
  press(made.root, "Remove new field 2");
  expect(made.changes().added).toHaveLength(2);
  made.forget();
  expect(made.changes().added[0].value).toBe("");
});

it("takes over the values typed into the form of another type", () => {
  const first = form(NEW).made;
  press(first.root, "Add field");
  labelled(first.root, "Name of new field 1").value = "host";
  const second = form(NEW).made;
  second.take({ ...first.changes(), name: "Typed", number: "nowhere", folder: "" });
  expect(second.changes()).toEqual({
    name: "Typed",
    folder: "",
    added: [{ name: "host", kind: "text", value: "" }],
  });
});

it("chooses a truth of a boolean field", () => {
  const choices = ["true", "false"];
  const { made, control } = form({
    ...ABOUT,
    fields: [field("field:on", { value: "true", choices })],
  });
  expect(made.changes()).toEqual({});
  control("field:on").value = "false";
  expect(made.changes()).toEqual({ "field:on": "false" });
});

it("removes a custom field, or keeps it again", () => {
  const { made, control } = form({
    ...ABOUT,
    fields: [
      field("field:host", { label: "host", value: "db1", removable: true }),
      field("field:user", { label: "user", fixed: "shows another field", removable: true }),
      field("field:old", { label: "old", fixed: "cannot be read" }),
    ],
  });
  expect(press(made.root, "Remove old")).toBeUndefined();
  control("field:host").value = "db2";
  expect(press(made.root, "Remove host")?.textContent).toBe("Keep");
  expect(control("field:host").disabled).toBe(true);
  press(made.root, "Remove user");
  expect(made.changes()).toEqual({ removed: ["field:host", "field:user"] });
  press(made.root, "Keep user");
  press(made.root, "Keep host");
  expect(made.changes()).toEqual({ "field:host": "db2" });
});

it("marks removed fields in the form of another type", () => {
  const fields = [field("field:host", { label: "host", value: "db1", removable: true })];
  const { made } = form({ ...NEW, fields });
  made.take({ removed: ["field:host", "field:nowhere"] });
  expect(made.changes()).toEqual({ removed: ["field:host"] });
});

it("shares a personal item, and says before that it cannot be undone", () => {
  const { made, control } = form({ ...NEW, types: [], warning: "Sharing cannot be undone." });
  const warning = () => made.root.querySelector(".bw-form-warning")?.textContent;
  expect(warning()).toBe("");
  expect(boxes(made.root)).toHaveLength(0);
  control("owner").value = "1";
  control("owner").dispatchEvent(new Event("change"));
  expect(warning()).toBe("Sharing cannot be undone.");
  boxes(made.root)[0].checked = true;
  expect(made.changes()).toEqual({ owner: "1", collections: ["2"] });
});
