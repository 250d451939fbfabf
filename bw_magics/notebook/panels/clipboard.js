// Puts a secret on the clipboard, and takes it away after some seconds.

/**
 * Copies a text and empties the clipboard after some seconds. A page without the keyboard's focus
 * may not write to the clipboard: then it is emptied when the focus comes back.
 *
 * @param {string} text
 * @param {number} seconds
 * @param {() => void} cleared called when the clipboard is empty again
 * @returns {Promise<() => void>} empties it at once; rejects where the browser does not allow to copy
 */
export async function copyForAWhile(text, seconds, cleared) {
  await navigator.clipboard.writeText(text);
  let isOver = false;
  const clear = async () => {
    if (isOver) return;
    clearTimeout(clock);
    try {
      await navigator.clipboard.writeText("");
    } catch {
      addEventListener("focus", clear, { once: true });
      return;
    }
    isOver = true;
    cleared();
  };
  const clock = setTimeout(clear, seconds * 1000);
  return clear;
}
