// How long to wait before something is tried again.

const MIN_MS = 500;
const MAX_MS = 8_000;

/** Longer with each try; `random`, from 0 to 1, spreads those who lost the same server at once. */
export function backoffMs(tries: number, random: number): number {
  const ms = Math.min(MIN_MS * 2 ** tries, MAX_MS);
  return Math.round(ms * (0.75 + random / 2));
}
