// One clipboard on both sides, without echoes.

import type { Phrase } from "./language.js";
import { MAX_CLIPBOARD_BYTES } from "./protocol.js";
import { phrase } from "./texts.js";

export type ClipboardDecision =
  | { type: "send"; text: string }
  /** Both sides hold it already, or there is nothing to send, or no way yet. */
  | { type: "keep" }
  | { type: "too-large"; bytes: number; limit: number };

/** What a message holds besides its text. */
const FRAME_BYTES = 32;

export class SharedClipboard {
  #text = "";

  /**
   * The browser's clipboard holds `text`; `channelLimit` is the most bytes a message can carry,
   * `null` while none can be sent: the text then stays unknown, so that it is sent later.
   */
  local(text: string, channelLimit: number | null): ClipboardDecision {
    if (channelLimit === null) return { type: "keep" };
    if (text === "" || text === this.#text) return { type: "keep" };
    const bytes = utf8Bytes(text);
    if (bytes > MAX_CLIPBOARD_BYTES) return tooLarge(bytes, MAX_CLIPBOARD_BYTES);
    const messageBytes = utf8Bytes(JSON.stringify(text)) + FRAME_BYTES;
    if (messageBytes > channelLimit) return tooLarge(messageBytes, channelLimit);
    this.#text = text;
    return { type: "send", text };
  }

  /** The desktop's clipboard holds `text`. Returns whether that is new. */
  remote(text: string): boolean {
    const isNew = text !== this.#text;
    this.#text = text;
    return isNew;
  }
}

function tooLarge(bytes: number, limit: number): ClipboardDecision {
  return { type: "too-large", bytes, limit };
}

export function utf8Bytes(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const codePoint = character.codePointAt(0) ?? 0;
    bytes += codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x1_0000 ? 3 : 4;
  }
  return bytes;
}

export function tooLargeNotice({ bytes, limit }: { bytes: number; limit: number }): Phrase {
  return phrase("clipboardTooLarge", { size: kibibytes(bytes), limit: kibibytes(limit) });
}

function kibibytes(bytes: number): Phrase {
  return phrase("kibibytes", { count: Math.ceil(bytes / 1024) });
}
