/**
 * A time limit in which sleep does not count. While a computer sleeps, the monotonic clock goes on (Windows, macOS) or
 * stands still (Linux); a process that is stopped sees it go on everywhere. Either way everybody who might have answered
 * slept too, and a limit that counts those hours would call them silent at the moment of waking up.
 */

/** Sleep costs a limit at most one slice. */
const MAX_SLICE_MILLISECONDS = 1000;
const MIN_SLICES = 4;
/** A slice that took so many times its length was slept through; a busy computer is late by less. */
const LATE_TIMES = 3;

/** Calls back once this process has been awake for so long; the returned function ends it. */
export function awakeTimeout(milliseconds: number, callback: () => void): () => void {
  const slices = Math.max(MIN_SLICES, Math.ceil(milliseconds / MAX_SLICE_MILLISECONDS));
  const slice = milliseconds / slices;
  let left = slices;
  let startedAt = performance.now();
  const tick = (): void => {
    const now = performance.now();
    if (now - startedAt < slice * LATE_TIMES) left -= 1;
    if (left === 0) return callback();
    startedAt = now;
    timer = setTimeout(tick, slice);
  };
  let timer = setTimeout(tick, slice);
  return () => clearTimeout(timer);
}
