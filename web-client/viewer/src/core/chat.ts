// The chat: lines as they come, again after a reconnect, and how many of them are new.

import { MAX_CHAT_CHARS, type ChatLine, type ViewerId } from "./protocol.js";

/** As many as the session keeps. */
const KEPT = 100;
/** Older lines were there before this viewer came. */
const LIVE_MS = 5_000;

export interface ShownLine extends ChatLine {
  isMine: boolean;
  /** When it was written, by this machine's clock. */
  timeMs: number;
}

export class Chat {
  #lines: ShownLine[] = [];
  #read = -1;
  #isRenewed = false;

  get lines(): readonly ShownLine[] {
    return this.#lines;
  }

  /** Lines of others that have not been looked at. */
  get unread(): number {
    return this.#lines.filter(({ number, isMine }) => number > this.#read && !isMine).length;
  }

  /** A new connection tells all lines again; a session that began anew counts anew. */
  reconnected(): void {
    this.#isRenewed = true;
  }

  /** Returns the lines that somebody else writes just now. */
  add(lines: readonly ChatLine[], you: ViewerId | null, nowMs: number): ShownLine[] {
    if (this.#isRenewed) this.#begin();
    const known = new Set(this.#lines.map(({ number }) => number));
    const added = lines
      .filter(({ number }) => !known.has(number))
      .map((line) => ({ ...line, isMine: line.viewer === you, timeMs: nowMs - line.ageMs }));
    this.#lines = [...this.#lines, ...added].slice(-KEPT);
    const newest = this.#lines.at(-1)?.number ?? -1;
    if (newest < this.#read) this.#read = -1;
    return added.filter(({ isMine, ageMs, number }) => {
      return !isMine && ageMs < LIVE_MS && number > this.#read;
    });
  }

  read(): void {
    this.#read = this.#lines.at(-1)?.number ?? this.#read;
  }

  #begin(): void {
    this.#isRenewed = false;
    this.#lines = [];
  }
}

/** A text as it can be sent, or `null` where there is nothing to send. */
export function chatText(text: string): string | null {
  const trimmed = [...text.trim()].slice(0, MAX_CHAT_CHARS).join("");
  return trimmed === "" ? null : trimmed;
}
