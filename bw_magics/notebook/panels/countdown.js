// Counts seconds down.

/**
 * Calls `tick` now and after every second with the seconds that are left, and `end` instead of
 * `tick` when none is left.
 *
 * @param {number} seconds
 * @param {(left: number) => void} tick
 * @param {() => void} end
 * @returns {() => void} stops the count; `end` is then not called
 */
export function countdown(seconds, tick, end) {
  let left = seconds;
  const stop = () => clearInterval(clock);
  const clock = setInterval(() => {
    left -= 1;
    if (left > 0) {
      tick(left);
      return;
    }
    stop();
    end();
  }, 1000);
  tick(left);
  return stop;
}
