/** Limits of SET PIN RETRIES: one byte each, and none would lock the key at once. */
const MIN = 1;
const MAX = 255;

/** A number of attempts as it was typed; null: it is none that a key takes. */
export function parseAttempts(text: string): number | null {
  if (!/^\s*\d{1,3}\s*$/.test(text)) return null;
  const count = Number(text);
  return count >= MIN && count <= MAX ? count : null;
}
