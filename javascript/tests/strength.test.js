import { expect, it } from "vitest";
import { strength } from "../../bw_magics/notebook/panels/strength.js";

it.each([
  ["", ""],
  ["a", "weak"],
  ["aaaaaaaaaaaaaaaaaaaaaaaa", "weak"],
  ["abcdefghijklmnop", "weak"],
  ["password", "weak"],
  ["kX9mPq2v", "fair"],
  ["kX9mPq2vRt7w", "good"],
  ["kX9mPq2vRt7wZb4n", "strong"],
  ["correct-horse-battery-staple", "strong"],
])("%s is %s", (password, word) => {
  expect(strength(password)).toBe(word);
});
