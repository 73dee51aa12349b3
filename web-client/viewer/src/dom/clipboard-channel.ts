// The clipboard's data channel: offers and their bytes, both ways.

import {
  ClipboardAssembly,
  itemsOf,
  piecesOf,
  totalBytes,
  type ClipboardContent,
} from "../core/clipboard.js";
import { parseClipboardMessage } from "../core/decode.js";
import type { ClipboardMessage } from "../core/protocol.js";

/** Handed to the browser and not sent yet: keys that come now wait for no more than this. */
const WINDOW_BYTES = 64 * 1024;
/** Without any progress for so long nobody waits any more. */
const STALL_MS = 10_000;

export interface ClipboardChannelEvents {
  /** The most bytes that are taken at once. */
  limit(): number;
  received(content: ClipboardContent): void;
  receiving(done: number, total: number): void;
  sending(done: number, total: number): void;
}

interface Sending {
  id: number;
  settle(taken: boolean): void;
}

export class ClipboardChannel {
  readonly #channel: RTCDataChannel;
  readonly #events: ClipboardChannelEvents;
  #sending: Sending | null = null;
  #assembly: ClipboardAssembly | null = null;
  #receivedId = 0;
  #nextId = 1;
  #stallTimer = 0;

  constructor(channel: RTCDataChannel, events: ClipboardChannelEvents) {
    this.#channel = channel;
    this.#events = events;
    channel.binaryType = "arraybuffer";
    channel.bufferedAmountLowThreshold = WINDOW_BYTES / 2;
    channel.onmessage = ({ data }) => this.#receive(data);
    channel.onclose = () => this.#settle(false);
  }

  get isOpen(): boolean {
    return this.#channel.readyState === "open";
  }

  /** Whether the session's clipboard holds it now. Something newer takes its place. */
  send(content: ClipboardContent): Promise<boolean> {
    this.#settle(false);
    const id = this.#nextId++;
    return new Promise((settle) => {
      this.#sending = { id, settle };
      void this.#sendAll(id, content).catch(() => this.#settle(false));
    });
  }

  close(): void {
    this.#settle(false);
    this.#channel.onmessage = null;
  }

  async #sendAll(id: number, content: ClipboardContent): Promise<void> {
    this.#moved();
    this.#say({ type: "offer", id, items: itemsOf(content) });
    const total = totalBytes(content);
    let done = 0;
    for (const piece of piecesOf(content)) {
      if (this.#channel.bufferedAmount > WINDOW_BYTES) await this.#room();
      if (this.#sending?.id !== id) return;
      this.#channel.send(piece as Uint8Array<ArrayBuffer>);
      done += piece.length;
      this.#moved();
      this.#events.sending(done, total);
    }
  }

  #room(): Promise<unknown> {
    return new Promise((there) => {
      this.#channel.addEventListener("bufferedamountlow", there, { once: true });
      this.#channel.addEventListener("close", there, { once: true });
    });
  }

  #moved(): void {
    clearTimeout(this.#stallTimer);
    this.#stallTimer = window.setTimeout(() => this.#settle(false), STALL_MS);
  }

  #settle(taken: boolean): void {
    clearTimeout(this.#stallTimer);
    this.#sending?.settle(taken);
    this.#sending = null;
  }

  #say(message: ClipboardMessage): void {
    if (this.isOpen) this.#channel.send(JSON.stringify(message));
  }

  #receive(data: unknown): void {
    try {
      if (typeof data === "string") this.#message(parseClipboardMessage(data));
      else this.#piece(new Uint8Array(data as ArrayBuffer));
    } catch (error) {
      this.#assembly = null;
      console.warn("ignored what the streamer says of the clipboard:", error);
    }
  }

  #message(message: ClipboardMessage): void {
    if (message.type === "offer") {
      this.#receivedId = message.id;
      this.#assembly = new ClipboardAssembly(message.items, this.#events.limit());
    } else if (message.id === this.#sending?.id) {
      this.#settle(message.type === "taken");
    }
  }

  /** What belongs to an offer that was not taken is thrown away. */
  #piece(piece: Uint8Array): void {
    const assembly = this.#assembly;
    if (!assembly) return;
    const content = assembly.add(piece);
    this.#events.receiving(assembly.arrived, assembly.total);
    if (!content) return;
    this.#assembly = null;
    this.#say({ type: "taken", id: this.#receivedId });
    this.#events.received(content);
  }
}
