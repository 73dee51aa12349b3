// Uploads: which go now, in which pieces, and what happens when one breaks off.
//
//              place free            piece taken, more to come
//   waiting ────────────▶ sending ◀──────────────┐
//      ▲                  │  │ └─────────────────┘
//      │ retry            │  └─ all taken ─▶ done
//      │           broken │
//      │                  ▼    timer
//   failed ◀─ refused ─ broken ───────▶ asking ──▶ sending, from what has arrived
//
// Events go in, effects come out; the network, the clock and the files belong to the caller. What an
// upload that was cancelled still reports is dropped: its number is gone.

import type { Failure } from "./failure.js";
import type { Saying } from "./language.js";
import type { FilePolicy } from "./protocol.js";
import { Speed } from "./speed.js";
import { phrase } from "./texts.js";

/**
 * Sent at once: small enough to be sent again, and for proxies that take no larger bodies; large enough
 * that the pauses in between do not count.
 */
export const PIECE_BYTES = 16 * 1024 * 1024;
/** Of a session with a low rate, so much of it that an answer is never far. */
const PIECE_SECONDS = 5;
const LEAST_PIECE_BYTES = 64 * 1024;
/** Many small files wait for the network, not for each other. */
export const MOST_AT_ONCE = 3;
const RETRY_MIN_MS = 500;
const RETRY_MAX_MS = 10_000;

export type UploadPhase =
  | { name: "waiting" }
  | { name: "asking" }
  | { name: "sending"; offset: number }
  | { name: "broken"; reason: Saying }
  | { name: "failed"; reason: Saying }
  | { name: "done"; path: string };

export interface Upload {
  readonly key: number;
  /** By which the session's side knows it. */
  readonly id: string;
  readonly path: string;
  readonly bytes: number;
  readonly phase: UploadPhase;
  /** Bytes that have left. */
  readonly sent: number;
}

export type UploadEvent =
  | { type: "progress"; key: number; sent: number; timeMs: number }
  /** The session's side holds so much; `path` once it is whole. */
  | { type: "kept"; key: number; offset: number; path?: string }
  | { type: "failed"; key: number; failure: Failure }
  | { type: "timer"; key: number };

export type UploadEffect =
  | { type: "ask"; upload: Upload }
  | { type: "send"; upload: Upload; offset: number; end: number }
  | { type: "timer"; key: number; ms: number }
  /** Whatever is under way for it stops, and its file is let go. */
  | { type: "release"; key: number }
  /** What has arrived is not wanted any more. */
  | { type: "discard"; upload: Upload };

type Entry = { -readonly [Name in keyof Upload]: Upload[Name] } & {
  pieceBytes: number;
  failures: number;
};

export class Uploads {
  readonly #makeId: () => string;
  readonly #entries = new Map<number, Entry>();
  readonly #speed = new Speed();
  #next = 1;

  /** `makeId` gives 32 random digits of 0-9 and a-f. */
  constructor(makeId: () => string) {
    this.#makeId = makeId;
  }

  get all(): readonly Upload[] {
    return [...this.#entries.values()];
  }

  get isBusy(): boolean {
    return this.all.some(({ phase }) => !isOver(phase));
  }

  bytesPerSecond(timeMs: number): number {
    return this.#speed.bytesPerSecond(timeMs);
  }

  /** Gives the number of the upload, which starts with the next `start`. */
  add(path: string, bytes: number, policy: FilePolicy): number {
    const key = this.#next++;
    const limit = { bytes: policy.maxBytes };
    const reason = phrase("fileTooLarge", { size: { bytes }, limit });
    const phase: UploadPhase =
      bytes > policy.maxBytes ? { name: "failed", reason } : { name: "waiting" };
    const entry = { key, id: this.#makeId(), path, bytes, phase, sent: 0 };
    this.#entries.set(key, { ...entry, pieceBytes: pieceBytes(policy), failures: 0 });
    return key;
  }

  /** Begins what there is a place for. */
  start(): UploadEffect[] {
    const effects: UploadEffect[] = [];
    for (const entry of this.#entries.values()) {
      if (this.#underWay() >= MOST_AT_ONCE) break;
      if (entry.phase.name === "waiting") effects.push(this.#send(entry, 0));
    }
    return effects;
  }

  handle(event: UploadEvent): UploadEffect[] {
    const entry = this.#entries.get(event.key);
    if (!entry || isOver(entry.phase)) return [];
    switch (event.type) {
      case "progress":
        return this.#progress(entry, event.sent, event.timeMs);
      case "kept":
        return this.#kept(entry, event.offset, event.path);
      case "failed":
        return this.#failed(entry, event.failure);
      case "timer":
        return entry.phase.name === "broken" ? [this.#ask(entry)] : [];
    }
  }

  cancel(key: number): UploadEffect[] {
    const entry = this.#entries.get(key);
    if (!entry) return [];
    this.#entries.delete(key);
    const release: UploadEffect = { type: "release", key };
    if (entry.phase.name === "done") return [release];
    return [release, { type: "discard", upload: { ...entry } }, ...this.start()];
  }

  /** What has failed is tried once more. */
  retry(key: number): UploadEffect[] {
    const entry = this.#entries.get(key);
    if (entry?.phase.name !== "failed") return [];
    entry.failures = 0;
    return [this.#ask(entry)];
  }

  /** Those that are done or have failed leave the list. */
  clear(): UploadEffect[] {
    const over = this.all.filter(({ phase }) => isOver(phase));
    return over.flatMap(({ key }) => this.cancel(key));
  }

  #underWay(): number {
    const under = ["asking", "sending", "broken"];
    return this.all.filter(({ phase }) => under.includes(phase.name)).length;
  }

  #ask(entry: Entry): UploadEffect {
    entry.phase = { name: "asking" };
    return { type: "ask", upload: { ...entry } };
  }

  #send(entry: Entry, offset: number): UploadEffect {
    entry.phase = { name: "sending", offset };
    entry.sent = offset;
    const end = Math.min(offset + entry.pieceBytes, entry.bytes);
    return { type: "send", upload: { ...entry }, offset, end };
  }

  #progress(entry: Entry, sent: number, timeMs: number): UploadEffect[] {
    if (entry.phase.name !== "sending") return [];
    const total = Math.min(entry.phase.offset + sent, entry.bytes);
    this.#speed.add(Math.max(0, total - entry.sent), timeMs);
    entry.sent = total;
    return [];
  }

  #kept(entry: Entry, offset: number, path: string | undefined): UploadEffect[] {
    if (path !== undefined) {
      entry.phase = { name: "done", path };
      entry.sent = entry.bytes;
      return [{ type: "release", key: entry.key }, ...this.start()];
    }
    const moved = entry.phase.name === "sending" && offset > entry.phase.offset;
    if (moved) entry.failures = 0;
    // More than there is, or all of it without a name: it cannot be ours.
    return [this.#send(entry, offset < entry.bytes ? offset : 0)];
  }

  #failed(entry: Entry, { retry, reason, code }: Failure): UploadEffect[] {
    // Another request of ours may just be ending on the other side.
    if (!retry && code !== "upload-conflict") {
      entry.phase = { name: "failed", reason };
      return this.start();
    }
    entry.phase = { name: "broken", reason };
    const ms = Math.min(RETRY_MIN_MS * 2 ** entry.failures, RETRY_MAX_MS);
    entry.failures += 1;
    return [{ type: "timer", key: entry.key, ms }];
  }
}

function pieceBytes({ bytesPerSecond }: FilePolicy): number {
  const wanted = Math.round(bytesPerSecond * PIECE_SECONDS);
  return Math.min(Math.max(wanted, LEAST_PIECE_BYTES), PIECE_BYTES);
}

export function isOver({ name }: UploadPhase): boolean {
  return name === "done" || name === "failed";
}
