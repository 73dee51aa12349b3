// The keys that are down, and what each key event means for the desktop.

import { keysymOf } from "./keysyms.js";
import { ALT_L, BACKSPACE } from "./keysym-table.js";
import { MAX_TEXT_CHARS, type ClientMessage } from "./protocol.js";

export type Platform = "mac" | "windows" | "other";

/** What is read of a `KeyboardEvent`. */
export interface KeyInput {
  key: string;
  code: string;
  location: number;
  timeStamp: number;
  ctrlKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
  metaKey: boolean;
  /** Part of a composition of an input method or a dead key. */
  isComposing: boolean;
}

export interface KeyOutcome {
  messages: ClientMessage[];
  /** Whether the browser must not act on the key. */
  preventDefault: boolean;
  /**
   * `paste`: what is sent from here on waits for the browser's paste event.
   * `altgraph`: call `settle` after `ALTGRAPH_WAIT_MS`, unless another key event comes first.
   */
  wait: "nothing" | "paste" | "altgraph";
}

export const ALTGRAPH_WAIT_MS = 50;

/**
 * The browser has applied these to `key` already: "A" arrives as A. Sent on, they would lock the
 * remote keyboard too, and the two locks drift apart.
 */
const LOCKS: ReadonlySet<string> = new Set(["CapsLock", "NumLock"]);

const MODIFIERS: ReadonlySet<string> = new Set(["Alt", "AltGraph", "Control", "Meta", "Shift"]);

/** The code of the Alt that Option becomes. */
const OPTION = "AltLeft";

interface Press {
  code: string;
  keysym: number;
}

export class Keyboard {
  /** By `code`: while a key is down, a modifier may change what it would mean. */
  readonly #held = new Map<string, number>();
  /** Windows presses ControlLeft just before AltGr; until it is clear which it is, it waits. */
  #unsettledControl: (Press & { timeStamp: number }) | null = null;
  readonly #platform: Platform;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  down(input: KeyInput): KeyOutcome {
    const messages = this.#settleBefore(input);
    const keysym = this.#held.get(input.code) ?? this.#keysym(input);
    if (keysym === null || input.isComposing || LOCKS.has(input.key)) {
      return { messages, preventDefault: false, wait: "nothing" };
    }
    const press = { code: input.code || input.key, keysym };
    if (this.#mayBeAltGraph(input)) {
      this.#unsettledControl = { ...press, timeStamp: input.timeStamp };
      return { messages, preventDefault: true, wait: "altgraph" };
    }
    messages.push(...this.#macOption(input), this.#press(press));
    // macOS reports no release of a key that went up while Command was down.
    if (this.#isMac && input.metaKey && !MODIFIERS.has(input.key)) {
      messages.push(...this.#release(press.code));
    }
    // The browser has to act on a paste chord: only that makes it show us the clipboard.
    // Command is Control here, also for that.
    const asControl = this.#isMac ? { ...input, ctrlKey: input.ctrlKey || input.metaKey } : input;
    return isPasteChord(asControl)
      ? { messages, preventDefault: false, wait: "paste" }
      : { messages, preventDefault: true, wait: "nothing" };
  }

  up(input: KeyInput): KeyOutcome {
    const messages = this.settle();
    messages.push(...this.#release(input.code || input.key));
    if (this.#isMac && input.key === "Alt") messages.push(...this.#release(OPTION));
    return { messages, preventDefault: true, wait: "nothing" };
  }

  /** No AltGr followed: the waiting Control is a real one. */
  settle(): ClientMessage[] {
    const control = this.#unsettledControl;
    this.#unsettledControl = null;
    return control ? [this.#press(control)] : [];
  }

  /** Focus is lost: releases will not be seen any more. */
  releaseAll(): ClientMessage[] {
    this.#unsettledControl = null;
    this.#held.clear();
    return [{ type: "releaseAll" }];
  }

  get #isMac(): boolean {
    return this.#platform === "mac";
  }

  #keysym(input: KeyInput): number | null {
    if (!this.#isMac) return keysymOf(input);
    // Command is what Control is elsewhere. Option chooses characters, which arrive as themselves.
    if (input.key === "Meta") return keysymOf({ key: "Control", location: input.location });
    return input.key === "Alt" ? null : keysymOf(input);
  }

  /** Option with a key that has a name: there it is the Alt of shortcuts. */
  #macOption(input: KeyInput): ClientMessage[] {
    const isShortcut = this.#isMac && input.altKey && [...input.key].length > 1;
    if (!isShortcut || MODIFIERS.has(input.key) || this.#held.has(OPTION)) return [];
    return [this.#press({ code: OPTION, keysym: ALT_L })];
  }

  #mayBeAltGraph(input: KeyInput): boolean {
    return (
      this.#platform === "windows" && input.code === "ControlLeft" && !this.#held.has(input.code)
    );
  }

  #settleBefore(input: KeyInput): ClientMessage[] {
    const control = this.#unsettledControl;
    const isAltGraph = input.code === "AltRight" && input.key === "AltGraph";
    if (control && isAltGraph && input.timeStamp - control.timeStamp <= ALTGRAPH_WAIT_MS) {
      this.#unsettledControl = null;
    }
    return this.settle();
  }

  #press({ code, keysym }: Press): ClientMessage {
    this.#held.set(code, keysym);
    return { type: "key", code, keysym, down: true };
  }

  #release(code: string): ClientMessage[] {
    const keysym = this.#held.get(code);
    if (keysym === undefined) return [];
    this.#held.delete(code);
    return [{ type: "key", code, keysym, down: false }];
  }
}

export function isPasteChord(input: KeyInput): boolean {
  const isControlV = input.ctrlKey && !input.altKey && input.key.toLowerCase() === "v";
  const isShiftInsert = input.shiftKey && !input.ctrlKey && input.key === "Insert";
  return isControlV || isShiftInsert;
}

/** As people read it. */
export const LEAVE_CHORD = "Ctrl+Alt+Shift+M";

/** Leaves the desktop with the keyboard alone: every other key, Tab too, goes to the desktop. */
export function isLeaveChord(input: KeyInput): boolean {
  return input.ctrlKey && input.altKey && input.shiftKey && input.code === "KeyM";
}

/** What is read of an `InputEvent`. */
export interface TextInput {
  inputType: string;
  data: string | null;
  isComposing: boolean;
}

/** What came without key events, as on-screen keyboards make it. */
export function inputMessages({ inputType, data, isComposing }: TextInput): ClientMessage[] {
  if (isComposing) return [];
  if (inputType === "insertText") return textMessages(data ?? "");
  return inputType === "deleteContentBackward" ? backspace() : [];
}

function backspace(): ClientMessage[] {
  const key: Press = { code: "Backspace", keysym: BACKSPACE };
  return [
    { type: "key", ...key, down: true },
    { type: "key", ...key, down: false },
  ];
}

/** Typed text, in as many messages as its length needs. */
export function textMessages(text: string): ClientMessage[] {
  const characters = [...text];
  const messages: ClientMessage[] = [];
  for (let i = 0; i < characters.length; i += MAX_TEXT_CHARS) {
    messages.push({ type: "text", text: characters.slice(i, i + MAX_TEXT_CHARS).join("") });
  }
  return messages;
}
