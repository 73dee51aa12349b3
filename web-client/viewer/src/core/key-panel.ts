// Which keys the panel on the screen has, and in which order.

import type { Saying } from "./language.js";
import { keyNamed, modifierKey, type Modifier, type SoftKey } from "./soft-keys.js";
import { phrase } from "./texts.js";

export type PanelKey =
  | { type: "modifier"; modifier: Modifier; name: Saying }
  /** `name` is read out, and also shown where there is no `sign`. */
  | { type: "key"; key: SoftKey; name: Saying; sign?: string }
  | { type: "chord"; keys: readonly SoftKey[]; names: readonly Saying[] };

const key = (code: string, name: Saying, sign?: string): PanelKey => ({
  type: "key",
  key: keyNamed(code),
  name,
  ...(sign === undefined ? {} : { sign }),
});

const modifier = (modifier: Modifier): PanelKey => ({
  type: "modifier",
  modifier,
  name: phrase(modifier),
});

interface Named {
  key: SoftKey;
  name: Saying;
}

const held = (modifier: Modifier): Named => ({
  key: modifierKey(modifier),
  name: phrase(modifier),
});
const letter = (letter: string): Named => ({
  key: keyNamed(`Key${letter}`, letter.toLowerCase()),
  name: letter,
});
const named = (code: string, name: Saying): Named => ({ key: keyNamed(code), name });

const chord = (...parts: Named[]): PanelKey => ({
  type: "chord",
  keys: parts.map(({ key }) => key),
  names: parts.map(({ name }) => name),
});

/** What is needed all the time. */
export const FIRST_ROW: readonly PanelKey[] = [
  key("Escape", phrase("escape")),
  key("Tab", phrase("tab")),
  modifier("control"),
  modifier("alt"),
  modifier("shift"),
  modifier("super"),
  key("ArrowLeft", phrase("arrowLeft"), "←"),
  key("ArrowUp", phrase("arrowUp"), "↑"),
  key("ArrowDown", phrase("arrowDown"), "↓"),
  key("ArrowRight", phrase("arrowRight"), "→"),
];

/** Shortcuts that never get past the browser or the system, and keys that phones lack. */
export const SECOND_ROW: readonly PanelKey[] = [
  chord(held("control"), held("alt"), named("Delete", phrase("delete"))),
  chord(held("alt"), named("Tab", phrase("tab"))),
  chord(held("alt"), named("F4", "F4")),
  ...["W", "T", "N"].map((name) => chord(held("control"), letter(name))),
  key("Home", phrase("home")),
  key("End", phrase("end")),
  key("PageUp", phrase("pageUp")),
  key("PageDown", phrase("pageDown")),
  key("Insert", phrase("insert")),
  key("Delete", phrase("delete")),
  key("PrintScreen", phrase("printScreen")),
  ...Array.from({ length: 12 }, (_, index) => key(`F${index + 1}`, `F${index + 1}`)),
];
