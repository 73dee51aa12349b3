// Waiting for a condition, never for a time.

import { setTimeout as delay } from "node:timers/promises";

/** Calls `probe` until it gives something other than undefined, null or false; gives that. */
export async function until(what, probe, timeoutMs = 20_000) {
  const deadline = Date.now() + timeoutMs;
  let failure;
  while (Date.now() < deadline) {
    try {
      const value = await probe();
      if (value !== undefined && value !== null && value !== false) return value;
      failure = undefined;
    } catch (error) {
      failure = error;
    }
    await delay(50);
  }
  throw new Error(`waited ${timeoutMs} ms for ${what}`, { cause: failure });
}
