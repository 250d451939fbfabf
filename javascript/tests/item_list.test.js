import { describe, expect, it } from "vitest";
import { countText, ItemList, rowAfter } from "../../bw_magics/notebook/panels/item_list.js";

/** @param {string[]} names */
function entries(...names) {
  return names.map((name) => ({ entry: `id of ${name}`, name, type: "login", place: "Work" }));
}

/** @param {string[]} names */
function found(...names) {
  return { entries: entries(...names), total: 9, archived: 0, is_all: false, is_cut: false };
}

describe("the count", () => {
  it.each([
    ["all items", { is_all: true, is_cut: false }, "9 items"],
    ["a search", { is_all: false, is_cut: false }, "2 of 9 items"],
    ["a search with too many results", { is_all: false, is_cut: true }, "the first 2 of 9 items"],
    ["an archive", { is_all: true, is_cut: false, archived: 8 }, "9 items + 8 archived"],
    ["a search, an archive", { archived: 1 }, "2 of 9 items + 1 archived"],
    ["all items, too many to show", { is_all: true, is_cut: true }, "the first 2 of 9 items"],
  ])("is worded for %s", (_, kind, text) => {
    expect(countText({ ...found("a", "b"), ...kind })).toBe(text);
  });
});

describe("a key", () => {
  it.each([
    ["ArrowDown", -1, 5, 0],
    ["ArrowDown", 0, 5, 1],
    ["ArrowDown", 4, 5, 4],
    ["ArrowUp", 1, 5, 0],
    ["ArrowUp", 0, 5, -1],
    ["PageDown", 0, 5, 4],
    ["PageDown", 0, 50, 8],
    ["PageUp", 20, 50, 12],
    ["PageUp", 0, 50, -1],
    ["ArrowDown", -1, 0, null],
    ["Enter", 0, 5, null],
    ["a", 0, 5, null],
  ])("%s at row %i of %i leads to %s", (key, at, size, row) => {
    expect(rowAfter(key, at, size)).toBe(row);
  });
});

describe("the list", () => {
  it("selects one row at a time", () => {
    const chosen = /** @type {string[]} */ ([]);
    const list = new ItemList("list", (entry) => chosen.push(entry));
    list.draw(found("a", "b"));
    list.rows[0].click();
    list.rows[1].click();

    expect(chosen).toEqual(["id of a", "id of b"]);
    expect(list.rows.map((row) => row.getAttribute("aria-selected"))).toEqual(["false", "true"]);
  });

  it("has one row in the order of the Tab key", () => {
    const list = new ItemList("list", () => {});
    list.draw(found("a", "b", "c"));

    expect(list.rows.map((row) => row.tabIndex)).toEqual([0, -1, -1]);
  });

  it("shows a name as text, never as HTML", () => {
    const list = new ItemList("list", () => {});
    list.draw(found("<img src=x onerror=alert(1)>"));

    expect(list.root.querySelector("img")).toBeNull();
    expect(list.root.textContent).toContain("<img");
  });

  it("says that nothing was found", () => {
    const list = new ItemList("list", () => {});
    list.draw(found());

    expect(list.root.textContent).toBe("Nothing has that in its name or folder.");
  });
});
