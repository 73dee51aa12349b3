// How sharp VNC's pictures are, within what the session's template allows.

import type { Phrase } from "./language.js";
import { phrase } from "./texts.js";

/** noVNC's levels run from 0, the smallest, to 9, the sharpest. */
export const BEST_QUALITY = 9;
const USUAL_QUALITY = 6;

export interface VncQuality {
  quality: number;
  /** 0 is quick and large, 9 slow and small. */
  compression: number;
}

/** The levels for a wish, or for none. */
export function vncQuality(wanted: number | null, max: number = BEST_QUALITY): VncQuality {
  const quality = Math.max(0, Math.min(wanted ?? USUAL_QUALITY, max, BEST_QUALITY));
  // Who takes less quality has little bandwidth.
  return { quality, compression: quality >= 6 ? 2 : 9 - quality };
}

const CHOICES: readonly { level: number; name: Phrase }[] = [
  { level: 1, name: phrase("qualityLow") },
  { level: 4, name: phrase("qualityMedium") },
  { level: 6, name: phrase("qualityHigh") },
  { level: 9, name: phrase("qualityBest") },
];

/** What can be chosen; the limit itself stands in for what lies over it. */
export function qualityChoices(max: number = BEST_QUALITY): { level: number; name: Phrase }[] {
  const within = CHOICES.filter(({ level }) => level <= max);
  const next = CHOICES[within.length];
  const isLimitOffered = within.at(-1)?.level === max;
  return next && !isLimitOffered ? [...within, { level: max, name: next.name }] : [...within];
}

/** The choice that a level belongs to. */
export function choiceOf(level: number, max: number = BEST_QUALITY): number {
  const levels = qualityChoices(max).map((choice) => choice.level);
  return levels.find((choice) => choice >= level) ?? levels.at(-1) ?? level;
}
