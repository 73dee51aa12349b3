// Keeps the clocks together and tells the streamer about latency, as long as frames come.
//
// A still desktop causes no message: the timer ends with the frames.

import { Clock } from "../core/clock.js";
import { LatencyLog, type ShownFrame } from "../core/latency.js";
import type { ClientMessage, FrameTimes, Latency } from "../core/protocol.js";

const INTERVAL_MS = 2_000;
/** Until a few pings are answered. */
const SETTLING_INTERVAL_MS = 250;
/** Answers that take longer than this many pings tell nothing. */
const MAX_PINGS = 8;

export class LatencyProbe {
  readonly #clock = new Clock();
  readonly #log = new LatencyLog((serverUs) => this.#clock.toBrowserMs(serverUs));
  readonly #send: (message: ClientMessage) => void;
  /** When each ping left that is not answered. */
  readonly #pings = new Map<number, number>();
  #lastPing = 0;
  #reported = 0;
  #timer = 0;
  #isWanted = false;

  constructor(send: (message: ClientMessage) => void) {
    this.#send = send;
  }

  get roundTripMs(): number | null {
    return this.#clock.roundTripMs;
  }

  /** A frame is on the screen. */
  shown(frame: ShownFrame): void {
    this.#log.shown(frame);
    this.#want();
  }

  sent(frames: FrameTimes[]): void {
    this.#log.sent(frames);
  }

  answered(id: number, serverUs: number): void {
    const sentMs = this.#pings.get(id);
    this.#pings.delete(id);
    if (sentMs !== undefined) this.#clock.answered(sentMs, performance.now(), serverUs);
  }

  /** For somebody who looks now. */
  look(): Latency | null {
    this.#want();
    return this.#log.summary();
  }

  close(): void {
    clearTimeout(this.#timer);
    // Nothing starts it again.
    this.#timer = -1;
  }

  #want(): void {
    this.#isWanted = true;
    if (this.#timer === 0) this.#tick();
  }

  #tick(): void {
    this.#timer = 0;
    if (!this.#isWanted) return;
    this.#isWanted = false;
    this.#sendPing();
    this.#report();
    const ms = this.#clock.isSettled ? INTERVAL_MS : SETTLING_INTERVAL_MS;
    this.#timer = window.setTimeout(() => this.#tick(), ms);
  }

  #sendPing(): void {
    this.#lastPing = (this.#lastPing + 1) >>> 0;
    this.#pings.set(this.#lastPing, performance.now());
    this.#pings.delete((this.#lastPing - MAX_PINGS) >>> 0);
    this.#send({ type: "ping", id: this.#lastPing });
  }

  #report(): void {
    const latency = this.#log.summary();
    if (!latency || !this.#clock.isSettled || this.#log.joined === this.#reported) return;
    this.#reported = this.#log.joined;
    this.#send({ type: "latency", ...latency });
  }
}
