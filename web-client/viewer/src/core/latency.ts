// Where the time of a frame goes, from the change on the display to the picture on the screen.
//
// The streamer knows one part of the way and the browser the other; the frame's RTP timestamp joins
// them. The stages tile the way: each begins where the one before it ends, and none is negative.

import type { FrameTimes, Latency, Stage, StageLatency } from "./protocol.js";

/** The browser's part of one frame's way, by the browser's clock in milliseconds. */
export interface ShownFrame {
  rtpTimestamp: number;
  /** Its last packet is here. */
  receivedMs: number;
  decodeMs: number;
  decodedMs: number;
  /** It was handed to the screen. */
  presentedMs: number;
}

/** The parts in their order. */
export const STAGES = [
  "damage",
  "grab",
  "convert",
  "encode",
  "queue",
  "network",
  "jitterBuffer",
  "decode",
  "present",
] as const satisfies Stage[];

export type Part = (typeof STAGES)[number];
/** In microseconds. */
export type FrameLatency = Record<Part | "total", number>;

/** Five seconds at 60 frames a second. */
export const MAX_FRAMES = 300;
/** Frames whose other half has not come; it may never: not every frame gets to the screen. */
export const MAX_WAITING = 512;
const MAX_U32 = 0xffff_ffff;

/** One frame's stages; `sentMs` is the browser's time of `server.sentUs`. */
export function frameLatency(server: FrameTimes, sentMs: number, shown: ShownFrame): FrameLatency {
  const { damageUs, grabUs, convertUs, encodeUs, queueUs } = server;
  const browser = tile(sentMs, [
    shown.receivedMs,
    shown.decodeMs,
    shown.decodedMs,
    shown.presentedMs,
  ]);
  const [network = 0, jitterBuffer = 0, decode = 0, present = 0] = browser;
  const parts = {
    damage: damageUs,
    grab: grabUs,
    convert: convertUs,
    encode: encodeUs,
    queue: queueUs,
    network,
    jitterBuffer,
    decode,
    present,
  };
  return { ...parts, total: STAGES.reduce((sum, stage) => sum + parts[stage], 0) };
}

/**
 * From moments to durations in microseconds. A moment before the last one counts as the last one:
 * the two clocks agree only to within half a round trip.
 */
function tile(startMs: number, momentsMs: number[]): number[] {
  let lastMs = startMs;
  return momentsMs.map((momentMs) => {
    const durationMs = Math.max(0, momentMs - lastMs);
    lastMs += durationMs;
    return Math.round(durationMs * 1000);
  });
}

/** The last frames' latencies. */
export class LatencyLog {
  readonly #toBrowserMs: (serverUs: number) => number | null;
  readonly #sent = new Map<number, FrameTimes>();
  readonly #shown = new Map<number, ShownFrame>();
  #frames: FrameLatency[] = [];
  #joined = 0;

  constructor(toBrowserMs: (serverUs: number) => number | null) {
    this.#toBrowserMs = toBrowserMs;
  }

  sent(frames: FrameTimes[]): void {
    for (const frame of frames) keep(this.#sent, frame.rtpTimestamp, frame);
  }

  shown(frame: ShownFrame): void {
    keep(this.#shown, frame.rtpTimestamp, frame);
  }

  /** How many frames had both halves so far. */
  get joined(): number {
    return this.#joined;
  }

  /** Of the last frames that have both halves; `null` without any. */
  summary(): Latency | null {
    this.#join();
    if (this.#frames.length === 0) return null;
    const stages = [...STAGES, "total" as const];
    return {
      frames: this.#frames.length,
      stages: stages.map((stage) => percentiles(stage, this.#frames)),
    };
  }

  #join(): void {
    const joined = [...this.#shown.values()].flatMap((shown) => this.#joinFrame(shown));
    this.#joined += joined.length;
    this.#frames = [...this.#frames, ...joined].slice(-MAX_FRAMES);
  }

  #joinFrame(shown: ShownFrame): FrameLatency[] {
    const server = this.#sent.get(shown.rtpTimestamp);
    const sentMs = server ? this.#toBrowserMs(server.sentUs) : null;
    if (!server || sentMs === null) return [];
    this.#sent.delete(shown.rtpTimestamp);
    this.#shown.delete(shown.rtpTimestamp);
    return [frameLatency(server, sentMs, shown)];
  }
}

function keep<T>(waiting: Map<number, T>, rtpTimestamp: number, frame: T): void {
  // Anew, so that it is the youngest also where the timestamps have come round.
  waiting.delete(rtpTimestamp);
  waiting.set(rtpTimestamp, frame);
  const [oldest] = waiting.keys();
  if (waiting.size > MAX_WAITING && oldest !== undefined) waiting.delete(oldest);
}

function percentiles(stage: Part | "total", frames: FrameLatency[]): StageLatency {
  const sorted = frames.map((frame) => frame[stage]).sort((a, b) => a - b);
  // The nearest rank: a value that really occurred.
  const at = (part: number) => {
    const value = sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? 0;
    return Math.min(value, MAX_U32);
  };
  return { stage, p50Us: at(0.5), p95Us: at(0.95), p99Us: at(0.99) };
}
