import { expect, it, vi } from "vitest";
import { ItemForm } from "../../bw_magics/notebook/panels/item_form.js";

/**
 * @param {string} name
 * @param {object} rest
 */
function field(name, rest = {}) {
  const plain = { value: "", secret: false, set: false, lines: false, generate: false };
  return { name, label: name, ...plain, ...rest };
}

const ABOUT = {
  title: "Edit 'Sales DB'",
  types: [],
  type: "login",
  folders: ["Work", "Work/Databases"],
  folder: "Work",
  nonce: "",
  key: "",
  fields: [
    field("name", { value: "Sales DB" }),
    field("password", { secret: true, set: true, generate: true }),
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

it("can be sent again after a problem, and forgets what was typed", () => {
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
