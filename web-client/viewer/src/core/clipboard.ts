// One clipboard on both sides, without echoes, and how it travels in pieces.

import type { Phrase } from "./language.js";
import {
  CLIPBOARD_PIECE_BYTES,
  type ClipboardItem,
  type ClipboardKind,
  type ClipboardPolicy,
} from "./protocol.js";
import { MalformedMessage } from "./shape.js";
import { phrase } from "./texts.js";

/** What was copied, in one or more forms; text and HTML in UTF-8. */
export type ClipboardContent = Partial<Record<ClipboardKind, Uint8Array>>;

/** Text first: whoever has room for one form only takes that. */
export const KINDS: readonly ClipboardKind[] = ["text", "html", "png"];

export type ClipboardDecision =
  | { type: "send"; content: ClipboardContent }
  /** Both sides hold it already, or there is nothing to send, or no way yet. */
  | { type: "keep" }
  | { type: "too-large"; bytes: number; limit: number }
  /** The session takes nothing. */
  | { type: "not-taken" };

export class SharedClipboard {
  #content: ClipboardContent = {};

  /**
   * The browser's clipboard holds this. `policy` is `null` while nothing can be sent: the content then
   * stays unknown, so that it is sent later.
   */
  local(content: ClipboardContent, policy: ClipboardPolicy | null): ClipboardDecision {
    if (policy === null || isSame(this.#content, content)) return { type: "keep" };
    const allowed = only(content, policy.kinds);
    const bytes = totalBytes(allowed);
    if (bytes === 0) return { type: "keep" };
    if (!policy.toSession) return { type: "not-taken" };
    if (bytes > policy.maxBytes) return { type: "too-large", bytes, limit: policy.maxBytes };
    this.#content = content;
    return { type: "send", content: allowed };
  }

  /** The desktop's clipboard holds this. Returns whether that is new. */
  remote(content: ClipboardContent): boolean {
    const isNew = totalBytes(content) > 0 && !isSame(this.#content, content);
    this.#content = content;
    return isNew;
  }

  /** What was sent has not arrived; it may be sent again. */
  forget(): void {
    this.#content = {};
  }
}

/**
 * Browsers rewrite HTML and pictures that a page has put into their clipboard, so a text tells more than
 * what comes with it; without one, nothing but the bytes does.
 */
function isSame(known: ClipboardContent, content: ClipboardContent): boolean {
  if (known.text || content.text) {
    const hasNewForm = (content.html && !known.html) || (content.png && !known.png);
    return equal(known.text, content.text) && !hasNewForm;
  }
  return equal(known.html, content.html) && equal(known.png, content.png);
}

function equal(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  if (!one || !other) return one === other;
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

function only(content: ClipboardContent, kinds: readonly ClipboardKind[]): ClipboardContent {
  return Object.fromEntries(
    KINDS.filter((kind) => kinds.includes(kind) && content[kind]?.length).map((kind) => [
      kind,
      content[kind],
    ]),
  ) as ClipboardContent;
}

export function totalBytes(content: ClipboardContent): number {
  return KINDS.reduce((sum, kind) => sum + (content[kind]?.length ?? 0), 0);
}

export function itemsOf(content: ClipboardContent): ClipboardItem[] {
  return KINDS.flatMap((kind) => {
    const bytes = content[kind]?.length ?? 0;
    return bytes > 0 ? [{ kind, bytes }] : [];
  });
}

/** The bytes in the order of `itemsOf`, in pieces that others can wait for. */
export function* piecesOf(content: ClipboardContent): Generator<Uint8Array> {
  for (const kind of KINDS) {
    const bytes = content[kind];
    if (!bytes) continue;
    for (let at = 0; at < bytes.length; at += CLIPBOARD_PIECE_BYTES) {
      yield bytes.subarray(at, at + CLIPBOARD_PIECE_BYTES);
    }
  }
}

/** Puts the pieces of one offer together. */
export class ClipboardAssembly {
  readonly #items: readonly ClipboardItem[];
  readonly #bytes: Uint8Array;
  #arrived = 0;

  /** @throws MalformedMessage where it is more than `limit`. */
  constructor(items: readonly ClipboardItem[], limit: number) {
    const total = items.reduce((sum, { bytes }) => sum + bytes, 0);
    if (total > limit) throw new MalformedMessage("the clipboard is over its limit");
    this.#items = items;
    this.#bytes = new Uint8Array(total);
  }

  get total(): number {
    return this.#bytes.length;
  }

  get arrived(): number {
    return this.#arrived;
  }

  /**
   * Gives the content once all of it is there.
   *
   * @throws MalformedMessage where more comes than was offered.
   */
  add(piece: Uint8Array): ClipboardContent | null {
    if (this.#arrived + piece.length > this.#bytes.length) {
      throw new MalformedMessage("the clipboard has more bytes than were offered");
    }
    this.#bytes.set(piece, this.#arrived);
    this.#arrived += piece.length;
    return this.#arrived === this.#bytes.length ? this.#content() : null;
  }

  #content(): ClipboardContent {
    const content: ClipboardContent = {};
    let at = 0;
    for (const { kind, bytes } of this.#items) {
      content[kind] = this.#bytes.subarray(at, at + bytes);
      at += bytes;
    }
    return content;
  }
}

/** What takes less than a moment needs no words. */
const QUIET_BYTES = 1024 * 1024;
const STEPS = 4;

/** Says how far a transfer is, a few times on its way. */
export class TransferWords {
  readonly #text: "clipboardSending" | "clipboardReceiving";
  #said = -1;
  #done = 0;

  constructor(text: "clipboardSending" | "clipboardReceiving") {
    this.#text = text;
  }

  /** `percent` makes text of a share. */
  next(done: number, total: number, percent: (share: number) => string): Phrase | null {
    // Less than before: another one has begun.
    if (done <= this.#done) this.#said = -1;
    this.#done = done;
    const step = Math.floor((done / total) * STEPS);
    if (total < QUIET_BYTES || step <= this.#said) return null;
    this.#said = step;
    return phrase(this.#text, { share: percent(step / STEPS) });
  }
}

export function tooLargeNotice({ bytes, limit }: { bytes: number; limit: number }): Phrase {
  return phrase("clipboardTooLarge", { size: { bytes }, limit: { bytes: limit } });
}
