// The browser's clipboard and the desktop's, kept the same as far as browser and policy allow.

import { SharedClipboard, tooLargeNotice, type ClipboardContent } from "../core/clipboard.js";
import type { ClipboardPolicy } from "../core/protocol.js";
import { phrase } from "../core/texts.js";
import { readIfPermitted, write, writeOnGesture } from "./browser-clipboard.js";
import type { Notice } from "./desktop.js";

export interface ClipboardEvents {
  /** Whether the session's clipboard holds it now. */
  send(content: ClipboardContent): Promise<boolean>;
  /** `null` before the connection is open. */
  policy(): ClipboardPolicy | null;
  notice(notice: Notice): void;
}

export class ClipboardSync {
  readonly #shared = new SharedClipboard();
  readonly #events: ClipboardEvents;
  readonly #listeners = new AbortController();
  /** Settles when what was sent last is in the session. */
  #sent: Promise<unknown> = Promise.resolve();
  /** What the desktop copied last is in the browser, and the person has not been elsewhere since. */
  #isOurs = false;

  constructor(events: ClipboardEvents) {
    this.#events = events;
    const options = { signal: this.#listeners.signal };
    window.addEventListener("focus", () => void this.lookIfPermitted(), options);
    window.addEventListener("blur", () => (this.#isOurs = false), options);
  }

  close(): void {
    this.#listeners.abort();
  }

  /** The person pastes this. Settles when the key may follow that asks the desktop for it. */
  async pasted(content: ClipboardContent): Promise<void> {
    // The browser has encoded it anew, so only this tells that it is the same.
    const isEcho = this.#isOurs && content.png && !content.text;
    if (!isEcho) this.#local(content, (notice) => this.#events.notice(notice));
    await this.#sent;
  }

  /** The desktop has copied this. */
  async remote(content: ClipboardContent): Promise<void> {
    if (!this.#shared.remote(content)) return;
    try {
      await write(content);
      this.#isOurs = true;
    } catch {
      // No permission, no focus, or a page without TLS, which has no `navigator.clipboard`.
      const run = () => void writeOnGesture(content).then(() => (this.#isOurs = true));
      this.#events.notice({
        text: phrase(content.text ? "copiedText" : "copiedPicture"),
        action: { label: phrase("copyHere"), run },
      });
    }
  }

  async lookIfPermitted(): Promise<void> {
    if (this.#events.policy() === null) return;
    const content = await readIfPermitted();
    // Nobody has asked for it, so that it is not taken is no news.
    if (content) this.#local(content, () => {});
  }

  #local(content: ClipboardContent, notice: (notice: Notice) => void): void {
    const decision = this.#shared.local(content, this.#events.policy());
    if (decision.type === "send") this.#send(decision.content);
    if (decision.type === "too-large") notice({ text: tooLargeNotice(decision) });
    if (decision.type === "not-taken") notice({ text: phrase("clipboardNotTaken") });
  }

  #send(content: ClipboardContent): void {
    const sent = this.#events.send(content).then((taken) => {
      if (!taken && sent === this.#sent) this.#shared.forget();
    });
    this.#sent = sent;
  }
}
