// Messages in order, some of which wait for the text that a paste brings.

import type { ClientMessage } from "./protocol.js";

/** Ctrl+V asks the desktop to paste, so its clipboard must hold the text before the V arrives. */
export class Outbox {
  #waiting: ClientMessage[] | null = null;

  /** From here on messages wait for `release`. */
  hold(): void {
    this.#waiting ??= [];
  }

  /** Gives back what may go out now. */
  push(messages: ClientMessage[]): ClientMessage[] {
    if (!this.#waiting) return messages;
    this.#waiting.push(...messages);
    return [];
  }

  /** Gives back everything that waited. */
  release(): ClientMessage[] {
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    return waiting;
  }
}
