// Keeps a paste chord from noVNC until the desktop's clipboard holds the text.

import { isPasteChord } from "../core/keyboard.js";
import { keysymOf } from "../core/keysyms.js";
import { keyInput } from "./keyboard-input.js";

const PASTE_WAIT_MS = 100;

export interface VncPasteEvents {
  /** Called before the key that pastes is tapped. */
  pasted(text: string): void;
  tap(keysym: number, code: string): void;
}

export class VncPaste {
  readonly #events: VncPasteEvents;
  readonly #listeners = new AbortController();
  #waiting: { keysym: number; code: string } | null = null;
  #timer = 0;

  constructor(view: HTMLElement, events: VncPasteEvents) {
    this.#events = events;
    const { signal } = this.#listeners;
    const onKeyDown = (event: KeyboardEvent) => this.#keyDown(event);
    view.addEventListener("keydown", onKeyDown, { signal, capture: true });
    // Without a text field in focus, some browsers fire it at the body.
    document.addEventListener("paste", (event) => this.#paste(event), { signal });
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#listeners.abort();
  }

  #keyDown(event: KeyboardEvent): void {
    const input = keyInput(event);
    const keysym = keysymOf(input);
    if (keysym === null || !isPasteChord(input)) return;
    event.stopPropagation();
    this.#waiting = { keysym, code: input.code };
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#tap(), PASTE_WAIT_MS);
  }

  #paste(event: ClipboardEvent): void {
    if (!this.#waiting) return;
    event.preventDefault();
    this.#events.pasted(event.clipboardData?.getData("text/plain") ?? "");
    this.#tap();
  }

  #tap(): void {
    clearTimeout(this.#timer);
    if (this.#waiting) this.#events.tap(this.#waiting.keysym, this.#waiting.code);
    this.#waiting = null;
  }
}
