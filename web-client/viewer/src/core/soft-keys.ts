// Keys on the screen: those that phones lack and those that browsers and systems keep for themselves.
//
//   A modifier:  up ──tap──▶ latched ──tap──▶ locked ──tap──▶ up
//                              └── another key, or a click ──▶ up

import { characterKeysym, keysymOf } from "./keysyms.js";
import type { ClientMessage } from "./protocol.js";

export const MODIFIERS = ["control", "alt", "shift", "super"] as const;
export type Modifier = (typeof MODIFIERS)[number];
export type ModifierState = "up" | "latched" | "locked";

export interface SoftKey {
  code: string;
  keysym: number;
}

const MODIFIER_KEYS: Readonly<Record<Modifier, SoftKey>> = {
  control: keyNamed("ControlLeft", "Control"),
  alt: keyNamed("AltLeft", "Alt"),
  shift: keyNamed("ShiftLeft", "Shift"),
  super: keyNamed("MetaLeft", "Meta"),
};

export function modifierKey(modifier: Modifier): SoftKey {
  return MODIFIER_KEYS[modifier];
}

/** A key by its `KeyboardEvent.code` and `key`. */
export function keyNamed(code: string, key: string = code): SoftKey {
  const keysym = keysymOf({ key, location: 0 });
  if (keysym === null) throw new Error(`no keysym for ${key}`);
  return { code, keysym };
}

export interface SoftKeysEvents {
  send(message: ClientMessage): void;
  /** A modifier has another state. */
  changed(): void;
}

export class SoftKeys {
  readonly #events: SoftKeysEvents;
  readonly #states = new Map<Modifier, ModifierState>();

  constructor(events: SoftKeysEvents) {
    this.#events = events;
  }

  state(modifier: Modifier): ModifierState {
    return this.#states.get(modifier) ?? "up";
  }

  tapModifier(modifier: Modifier): void {
    switch (this.state(modifier)) {
      case "up":
        this.#events.send(keyMessage(MODIFIER_KEYS[modifier], true));
        this.#states.set(modifier, "latched");
        break;
      case "latched":
        this.#states.set(modifier, "locked");
        break;
      case "locked":
        this.#release(modifier);
    }
    this.#events.changed();
  }

  tap(key: SoftKey): void {
    this.chord([key]);
  }

  /** Presses the keys in order and releases them in reverse. */
  chord(keys: readonly SoftKey[]): void {
    for (const key of keys) this.#events.send(keyMessage(key, true));
    for (const key of [...keys].reverse()) this.#events.send(keyMessage(key, false));
    this.#releaseLatched();
  }

  /** Sends what another device means, with the modifiers that are down here. */
  pass(message: ClientMessage): void {
    for (const sent of this.#withModifiers(message)) this.#events.send(sent);
    if (message.type === "releaseAll") this.#forget();
    if (endsLatch(message)) this.#releaseLatched();
  }

  /** A text has no keys to hold a modifier with, so it becomes keys. */
  #withModifiers(message: ClientMessage): ClientMessage[] {
    if (message.type !== "text" || this.#states.size === 0) return [message];
    return [...message.text].flatMap((character) => {
      const keysym = characterKeysym(character);
      if (keysym === null) return [];
      const key = { code: `Soft${character}`, keysym };
      return [keyMessage(key, true), keyMessage(key, false)];
    });
  }

  #releaseLatched(): void {
    const latched = [...this.#states].filter(([, state]) => state === "latched");
    for (const [modifier] of latched) this.#release(modifier);
    if (latched.length > 0) this.#events.changed();
  }

  #release(modifier: Modifier): void {
    this.#events.send(keyMessage(MODIFIER_KEYS[modifier], false));
    this.#states.delete(modifier);
  }

  #forget(): void {
    if (this.#states.size === 0) return;
    this.#states.clear();
    this.#events.changed();
  }
}

/** Keys that are modifiers themselves go together with the others. */
const MODIFIER_CODES: ReadonlySet<string> = new Set([
  ...["ControlLeft", "ControlRight", "AltLeft", "AltRight"],
  ...["ShiftLeft", "ShiftRight", "MetaLeft", "MetaRight"],
]);

function endsLatch(message: ClientMessage): boolean {
  switch (message.type) {
    case "key":
      return message.down && !MODIFIER_CODES.has(message.code);
    case "button":
      return !message.down;
    case "text":
      return true;
    default:
      return false;
  }
}

function keyMessage({ code, keysym }: SoftKey, down: boolean): ClientMessage {
  return { type: "key", code, keysym, down };
}
