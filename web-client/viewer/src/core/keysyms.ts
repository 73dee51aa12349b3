// From a browser's key event to the X keysym of what the key means.

import { KEYPAD, LEFT_RIGHT, NAMED } from "./keysym-table.js";

/** `KeyboardEvent.location`. */
const LOCATION_RIGHT = 2;
const LOCATION_NUMPAD = 3;

const UNICODE_KEYSYM = 0x0100_0000;

export interface KeyMeaning {
  /** `KeyboardEvent.key`. */
  key: string;
  /** `KeyboardEvent.location`. */
  location: number;
}

/**
 * The keysym, or `null` for a key that means nothing by itself: `Dead` and `Process` are steps of a
 * composition, whose text arrives when it is done.
 */
export function keysymOf({ key, location }: KeyMeaning): number | null {
  const keypad = KEYPAD.get(key);
  if (keypad) return keypad[location === LOCATION_NUMPAD ? 1 : 0];
  const pair = LEFT_RIGHT.get(key);
  if (pair) return pair[location === LOCATION_RIGHT ? 1 : 0];
  return NAMED.get(key) ?? characterKeysym(key);
}

/** The keysym of a single character: Latin-1 by its own number, others by their Unicode one. */
export function characterKeysym(text: string): number | null {
  const codePoint = text.codePointAt(0);
  if (codePoint === undefined || text.length !== String.fromCodePoint(codePoint).length) {
    return null; // A key's name, or several characters at once.
  }
  const isLatin1 =
    (codePoint >= 0x20 && codePoint <= 0x7e) || (codePoint >= 0xa0 && codePoint <= 0xff);
  if (isLatin1) return codePoint;
  return codePoint >= 0x100 ? UNICODE_KEYSYM + codePoint : null;
}
