// The chord that takes the keyboard away from noVNC, which keeps every key for itself, Tab too.

import { isLeaveChord } from "../core/keyboard.js";
import { keyInput } from "./keyboard-input.js";

export class VncLeave {
  readonly #leave: () => void;
  readonly #listeners = new AbortController();
  /** The keys that are down, by `code`. */
  readonly #held = new Set<string>();

  constructor(view: HTMLElement, leave: () => void) {
    this.#leave = leave;
    // Before noVNC, whose listeners let no event pass.
    const options = { signal: this.#listeners.signal, capture: true };
    view.addEventListener("keydown", (event) => this.#keyDown(event), options);
    view.addEventListener("keyup", ({ code }) => this.#held.delete(code), options);
    view.addEventListener("focusout", ({ target }) => this.#release(target), options);
  }

  close(): void {
    this.#listeners.abort();
  }

  #keyDown(event: KeyboardEvent): void {
    if (!isLeaveChord(keyInput(event))) {
      this.#held.add(event.code);
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    if (event.target instanceof HTMLElement) event.target.blur();
    this.#leave();
  }

  /** noVNC itself releases keys only when the whole window loses the focus. */
  #release(target: EventTarget | null): void {
    const codes = [...this.#held];
    this.#held.clear();
    for (const code of codes) target?.dispatchEvent(new KeyboardEvent("keyup", { code }));
  }
}
