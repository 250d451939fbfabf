import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ItemPane } from "../../bw_magics/notebook/panels/item_pane.js";

const SECRET = "s3cret";
const ITEM = {
  entry: "1",
  name: "Warehouse DB",
  type: "login",
  place: "Work",
  members: [
    { name: "password", what: "password", line: "%bw_get …", reference: "bw://…" },
    { name: "key.pem", line: "%bw_get attachment …" },
  ],
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function pane(answer = /** @type {object} */ ({ kind: "value", value: SECRET })) {
  const asked = /** @type {string[]} */ ([]);
  const copied = /** @type {string[]} */ ([]);
  const made = new ItemPane(5, {
    askValue: (entry, what, then) => {
      asked.push(`${entry} ${what}`);
      then(answer);
    },
    copy: (text) => copied.push(text),
    copyValue: (text, name) => copied.push(`${name}: ${text}`),
    edit: (entry) => asked.push(`edit ${entry}`),
    trash: (entry) => asked.push(`trash ${entry}`),
  });
  made.draw(ITEM);
  /** @param {string} name */
  const click = (name) => {
    const buttons = [...made.root.querySelectorAll("button")];
    buttons.find((button) => button.getAttribute("aria-label") === name)?.click();
  };
  return { made, asked, copied, click };
}

const SHOW = "Show password of Warehouse DB";

it("asks for a value only when it is to be shown", () => {
  const { made, asked, click } = pane();
  expect(asked).toEqual([]);
  expect(made.root.textContent).not.toContain(SECRET);
  click(SHOW);

  expect(asked).toEqual(["1 password"]);
  expect(made.root.textContent).toContain(SECRET);
});

it("hides a value at the deadline", () => {
  const { made, click } = pane();
  click(SHOW);
  vi.advanceTimersByTime(4999);
  expect(made.root.textContent).toContain(SECRET);
  vi.advanceTimersByTime(1);

  expect(made.root.textContent).not.toContain(SECRET);
});

it("hides a value at the second click and asks again at the third", () => {
  const { made, asked, click } = pane();
  click(SHOW);
  click(SHOW);
  expect(made.root.textContent).not.toContain(SECRET);
  click(SHOW);

  expect(asked).toEqual(["1 password", "1 password"]);
});

it("hides a shown value when another item is drawn", () => {
  const { made, click } = pane();
  click(SHOW);
  const value = made.root.querySelector(".bw-open");
  made.draw({ ...ITEM, name: "Mail" });

  expect(value?.textContent).toBe("••••••••");
  expect(made.hideAll()).toBe(false);
});

it("stays masked where the kernel refuses", () => {
  const { made, click } = pane({ kind: "problem", text: "locked" });
  click(SHOW);

  expect(made.root.querySelector(".bw-open")).toBeNull();
});

it("copies the code for a member", () => {
  const { copied, click } = pane();
  click("Copy code for password");
  click("Copy reference for password");
  click("Copy value of password");

  expect(copied).toEqual(["%bw_get …", "bw://…", `password: ${SECRET}`]);
});

it("shows at once what is not a secret", () => {
  const { made, asked } = pane();
  made.draw({ ...ITEM, members: [{ name: "host", what: "host", value: "db1" }] });

  expect(made.root.textContent).toContain("db1");
  expect(made.root.querySelectorAll(".bw-show")).toHaveLength(0);
  expect(asked).toEqual([]);
});

it("moves an item to the trash at the second click only", () => {
  const { made, asked, click } = pane();
  made.draw({ ...ITEM, can_edit: true, can_trash: true });
  click("Edit Warehouse DB");
  click("Move Warehouse DB to the trash");
  expect(asked).toEqual(["edit 1"]);
  click("Move Warehouse DB to the trash");

  expect(asked).toEqual(["edit 1", "trash 1"]);
});

it("shows no item after it was cleared", () => {
  const { made, click } = pane();
  click(SHOW);
  made.clear("No item is selected.");

  expect(made.entry).toBeNull();
  expect(made.root.textContent).toBe("No item is selected.");
});

it("offers no Show for a file", () => {
  const { made } = pane();

  expect(made.root.querySelectorAll(".bw-show")).toHaveLength(1);
});
