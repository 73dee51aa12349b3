// The most that a person wants to be sent: for metered networks, small machines and quiet fans.

import type { ClientMessage } from "./protocol.js";

export interface Limits {
  /** Bits a second; `null`: as much as the network carries. */
  maxBps: number | null;
  /** Frames a second; `null`: as many as the session makes. */
  maxFps: number | null;
}

export const NO_LIMITS: Limits = { maxBps: null, maxFps: null };

/** What the panel offers. */
export const BITRATES: readonly number[] = [1e6, 2e6, 5e6, 10e6, 20e6];
export const FRAME_RATES: readonly number[] = [60, 30, 15, 5];

/** The least that shows a desktop; the session takes no less. */
const MIN_BPS = 150_000;
const MAX_BPS = 2 ** 32 - 1;
const MAX_FPS = 240;

/** A bitrate as an attribute says it. */
export function readBitrate(text: string | null): number | null {
  return within(text, MIN_BPS, MAX_BPS);
}

export function readFrameRate(text: string | null): number | null {
  return within(text, 1, MAX_FPS);
}

/** What tells the session, or `null` where it knows. */
export function limitsMessage(before: Limits, now: Limits): ClientMessage | null {
  if (before.maxBps === now.maxBps && before.maxFps === now.maxFps) return null;
  return {
    type: "limits",
    ...(now.maxBps === null ? {} : { maxBps: now.maxBps }),
    ...(now.maxFps === null ? {} : { maxFps: now.maxFps }),
  };
}

function within(text: string | null, least: number, most: number): number | null {
  if (text === null || text.trim() === "") return null;
  const number = Math.round(Number(text));
  return Number.isFinite(number) ? Math.max(least, Math.min(number, most)) : null;
}
