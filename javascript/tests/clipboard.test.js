import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { copyForAWhile } from "../../bw_magics/notebook/panels/clipboard.js";

/** @type {string[]} */
let written = [];
let isRefused = false;

beforeEach(() => {
  vi.useFakeTimers();
  written = [];
  isRefused = false;
  const writeText = async (/** @type {string} */ text) => {
    if (isRefused) throw new Error("not allowed");
    written.push(text);
  };
  vi.stubGlobal("navigator", { clipboard: { writeText } });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("empties the clipboard at the deadline", async () => {
  const cleared = vi.fn();
  await copyForAWhile("s3cret", 30, cleared);
  await vi.advanceTimersByTimeAsync(29_999);
  expect(written).toEqual(["s3cret"]);
  await vi.advanceTimersByTimeAsync(1);

  expect(written).toEqual(["s3cret", ""]);
  expect(cleared).toHaveBeenCalledOnce();
});

it("empties it when the focus comes back, where the page has none at the deadline", async () => {
  const cleared = vi.fn();
  await copyForAWhile("s3cret", 30, cleared);
  isRefused = true;
  await vi.advanceTimersByTimeAsync(30_000);
  expect(cleared).not.toHaveBeenCalled();
  isRefused = false;
  dispatchEvent(new Event("focus"));
  await vi.advanceTimersByTimeAsync(0);

  expect(written).toEqual(["s3cret", ""]);
});

it("empties it before the deadline when it is told to, once", async () => {
  const clear = await copyForAWhile("s3cret", 30, () => {});
  clear();
  await vi.advanceTimersByTimeAsync(60_000);

  expect(written).toEqual(["s3cret", ""]);
});

it("rejects where the browser does not allow to copy", async () => {
  isRefused = true;
  await expect(copyForAWhile("s3cret", 30, () => {})).rejects.toThrow();
});
