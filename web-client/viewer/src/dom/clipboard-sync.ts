// The browser's clipboard and the desktop's, kept the same as far as the browser allows.

import { SharedClipboard, tooLargeNotice } from "../core/clipboard.js";
import { phrase } from "../core/texts.js";
import { copyText } from "./copy.js";
import type { Notice } from "./desktop.js";

export interface ClipboardEvents {
  send(text: string): void;
  /** The most bytes that can be sent now; `null` before the connection is open. */
  limit(): number | null;
  notice(notice: Notice): void;
}

export class ClipboardSync {
  readonly #shared = new SharedClipboard();
  readonly #events: ClipboardEvents;
  readonly #listeners = new AbortController();

  constructor(events: ClipboardEvents) {
    this.#events = events;
    const options = { signal: this.#listeners.signal };
    window.addEventListener("focus", () => void this.readIfPermitted(), options);
  }

  close(): void {
    this.#listeners.abort();
  }

  /** The person has pasted `text`, or copied it elsewhere. */
  local(text: string): void {
    const decision = this.#shared.local(text, this.#events.limit());
    if (decision.type === "send") this.#events.send(decision.text);
    if (decision.type === "too-large") this.#events.notice({ text: tooLargeNotice(decision) });
  }

  /** The desktop has copied `text`. */
  async remote(text: string): Promise<void> {
    if (!this.#shared.remote(text) || text === "") return;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // No permission, no focus, or a page without TLS, which has no `navigator.clipboard`.
      const run = () => void copyText(text);
      this.#events.notice({
        text: phrase("copiedText"),
        action: { label: phrase("copyHere"), run },
      });
    }
  }

  /** Never asks for the permission: a prompt at every focus is worse than Ctrl+V. */
  async readIfPermitted(): Promise<void> {
    if (this.#events.limit() === null) return;
    try {
      const name = "clipboard-read" as PermissionName;
      const { state } = await navigator.permissions.query({ name });
      if (state === "granted") this.local(await navigator.clipboard.readText());
    } catch {
      // This browser knows no such permission; the paste event remains.
    }
  }
}
