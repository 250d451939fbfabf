// Splits a pasted API key, as question.py does. Both are tested with the same pasted texts.

const KEY_ID = /(user|organization)\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;
const LABELS = new RegExp(
  [
    /(BW_)?client_?(id|secret)["']?\s*[:=]?/,
    /scope["']?\s*[:=]?\s*["']?api/,
    /grant_type["']?\s*[:=]?\s*["']?client_credentials/,
    /\bexport\b/,
  ]
    .map((label) => label.source)
    .join("|"),
  "gi",
);
const BETWEEN = /[\s"',;:={}]+/;

/**
 * Finds both halves of an API key in a text that was pasted into one field.
 *
 * @param {string} text
 * @returns {[string, string] | null} `client_id` and `client_secret`; null where they are not clear
 */
export function bothHalves(text) {
  const found = KEY_ID.exec(text);
  if (!found) return null;
  const rest = text.replace(found[0], " ").replace(LABELS, " ");
  const words = rest.split(BETWEEN).filter(Boolean);
  return words.length === 1 ? [found[0], words[0]] : null;
}
