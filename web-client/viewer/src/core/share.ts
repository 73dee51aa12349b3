// Share links: what they can be, and where they lead.

import type { Language, Phrase } from "./language.js";
import type { NewShare, Role, Share } from "./protocol.js";
import { phrase } from "./texts.js";

export type Lifetime = "session" | "hour" | "day" | "week";
export const LIFETIMES: readonly Lifetime[] = ["session", "hour", "day", "week"];

const SECONDS: Record<Lifetime, number | null> = {
  session: null,
  hour: 3600,
  day: 24 * 3600,
  week: 7 * 24 * 3600,
};

const NAMES: Record<Lifetime, Phrase> = {
  session: phrase("untilSessionEnds"),
  hour: phrase("forAnHour"),
  day: phrase("forADay"),
  week: phrase("forAWeek"),
};

export function lifetimeName(lifetime: Lifetime): Phrase {
  return NAMES[lifetime];
}

export function newShare(role: Role, lifetime: Lifetime, label: string): NewShare {
  const seconds = SECONDS[lifetime];
  return { role, label: label.trim(), ...(seconds === null ? {} : { expiresInS: seconds }) };
}

/** When a link ends, in words. */
export function endOf({ expiresUnixMs }: Share, nowMs: number, language: Language): Phrase {
  if (expiresUnixMs === undefined) return phrase("untilSessionEnds");
  if (expiresUnixMs <= nowMs) return phrase("linkExpired");
  return phrase("untilTime", { time: language.dateTime(expiresUnixMs) });
}
