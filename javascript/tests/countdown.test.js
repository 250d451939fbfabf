import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { countdown } from "../../bw_magics/notebook/panels/countdown.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it("counts every second and ends once", () => {
  const seen = /** @type {(number | string)[]} */ ([]);
  countdown(
    3,
    (left) => seen.push(left),
    () => seen.push("end"),
  );
  vi.advanceTimersByTime(10_000);

  expect(seen).toEqual([3, 2, 1, "end"]);
});

it("does not end after it was stopped", () => {
  const seen = /** @type {(number | string)[]} */ ([]);
  const stop = countdown(
    3,
    (left) => seen.push(left),
    () => seen.push("end"),
  );
  vi.advanceTimersByTime(1000);
  stop();
  vi.advanceTimersByTime(10_000);

  expect(seen).toEqual([3, 2]);
});

it("ends after its first second when none was given", () => {
  const end = vi.fn();
  countdown(0, () => {}, end);
  expect(end).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1000);

  expect(end).toHaveBeenCalledOnce();
});
