// Says how hard a password is to guess, from its length and its kinds of characters.

const KINDS = [
  { pattern: /[a-z]/, size: 26 },
  { pattern: /[A-Z]/, size: 26 },
  { pattern: /[0-9]/, size: 10 },
  { pattern: /[^a-zA-Z0-9]/, size: 33 },
];
const WORDS = [
  { bits: 40, word: "weak" },
  { bits: 65, word: "fair" },
  { bits: 90, word: "good" },
];

/**
 * Words the strength of a password; an empty text has none. Characters that are repeated or that
 * follow each other count once: `aaaaaaaa` is as weak as `a`.
 *
 * @param {string} password
 */
export function strength(password) {
  if (!password) return "";
  let length = 0;
  let before = Number.NaN;
  for (const character of password) {
    const code = character.codePointAt(0) ?? 0;
    if (Math.abs(code - before) > 1 || Number.isNaN(before)) length += 1;
    before = code;
  }
  const alphabet = KINDS.reduce(
    (size, kind) => size + (kind.pattern.test(password) ? kind.size : 0),
    0,
  );
  const bits = length * Math.log2(alphabet);
  return WORDS.find((step) => bits < step.bits)?.word ?? "strong";
}
