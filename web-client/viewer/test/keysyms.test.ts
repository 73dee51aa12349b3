import assert from "node:assert/strict";
import test from "node:test";
import { keysymOf } from "../src/core/keysyms.js";

const STANDARD = 0;
const LEFT = 1;
const RIGHT = 2;
const NUMPAD = 3;

/** `KeyboardEvent.key`, `location` and the keysym of keysymdef.h. */
const CASES: [key: string, location: number, keysym: number | null][] = [
  ["a", STANDARD, 0x61],
  ["A", STANDARD, 0x41],
  [" ", STANDARD, 0x20],
  ["ä", STANDARD, 0xe4],
  ["ÿ", STANDARD, 0xff],
  ["€", STANDARD, 0x010020ac],
  ["ł", STANDARD, 0x01000142],
  ["😀", STANDARD, 0x0101f600],
  ["Enter", STANDARD, 0xff0d],
  ["Enter", NUMPAD, 0xff8d],
  ["7", STANDARD, 0x37],
  ["7", NUMPAD, 0xffb7],
  ["Home", NUMPAD, 0xff95],
  [".", NUMPAD, 0xffae],
  [",", NUMPAD, 0xffac],
  ["Shift", LEFT, 0xffe1],
  ["Shift", RIGHT, 0xffe2],
  ["Control", LEFT, 0xffe3],
  ["Control", RIGHT, 0xffe4],
  ["Alt", LEFT, 0xffe9],
  ["Alt", RIGHT, 0xffea],
  ["AltGraph", RIGHT, 0xfe03],
  ["Meta", LEFT, 0xffeb],
  ["F1", STANDARD, 0xffbe],
  ["F12", STANDARD, 0xffc9],
  ["F35", STANDARD, 0xffe0],
  ["Delete", STANDARD, 0xffff],
  ["Backspace", STANDARD, 0xff08],
  ["ArrowLeft", STANDARD, 0xff51],
  ["Escape", STANDARD, 0xff1b],
  ["AudioVolumeUp", STANDARD, 0x1008ff13],
  ["Dead", STANDARD, null],
  ["Process", STANDARD, null],
  ["Unidentified", STANDARD, null],
  ["\u0007", STANDARD, null],
  ["", STANDARD, null],
];

for (const [key, location, keysym] of CASES) {
  test(`key ${JSON.stringify(key)} at location ${location} is keysym ${keysym?.toString(16)}`, () => {
    assert.equal(keysymOf({ key, location }), keysym);
  });
}

test("every printable character of Latin-1 is its own keysym", () => {
  for (let codePoint = 0x20; codePoint <= 0xff; codePoint++) {
    const isPrintable = codePoint <= 0x7e || codePoint >= 0xa0;
    const keysym = keysymOf({ key: String.fromCodePoint(codePoint), location: STANDARD });
    assert.equal(keysym, isPrintable ? codePoint : null);
  }
});
