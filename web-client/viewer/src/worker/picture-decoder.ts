// A VideoDecoder that gets up again after an error, and never has more than two pictures under way.

import { DecoderGate, type GateStep } from "../core/decoder-gate.js";
import { codecOf } from "../core/h264.js";
import { Newest } from "../core/newest.js";
import type { DecodeTimes } from "./messages.js";

export interface PictureDecoderEvents {
  /** The receiver closes the frame. */
  picture(frame: VideoFrame, times: DecodeTimes): void;
  wantsKeyframe(): void;
  /** No frame is decoded any more. */
  gaveUp(reason: string): void;
}

interface Picture {
  frame: VideoFrame;
  times: DecodeTimes;
}

type Marks = Omit<DecodeTimes, "decodedMs">;

/** https://w3c.github.io/webrtc-encoded-transform/#dictdef-rtcencodedframemetadata */
interface FrameMetadata extends RTCEncodedVideoFrameMetadata {
  /** When its last packet came, by this worker's `performance.now()`. */
  receiveTime?: number;
}

/** More than the gate lets queue up, with what the decoder itself keeps. */
const MAX_MARKS = 64;

export class PictureDecoder {
  readonly #events: PictureDecoderEvents;
  readonly #gate = new DecoderGate();
  readonly #pictures = new Newest<Picture>(
    ({ frame, times }) => this.#events.picture(frame, times),
    ({ frame }) => frame.close(),
  );
  /** By the frame's RTP timestamp. */
  readonly #marks = new Map<number, Marks>();
  #decoder: VideoDecoder | null = null;

  constructor(events: PictureDecoderEvents) {
    this.#events = events;
  }

  /** Copies the frame's data. */
  decode(frame: RTCEncodedVideoFrame): void {
    const codec = frame.type === "key" ? codecOf(new Uint8Array(frame.data)) : null;
    const kind = frame.type === "key" ? "key" : "delta";
    const queued = this.#decoder?.decodeQueueSize ?? 0;
    const step = this.#gate.frame({ codec, kind }, queued, performance.now());
    this.#perform(step, "the stream is not H.264");
    if (step.type === "configure" || step.type === "decode") this.#feed(frame, kind);
  }

  /** The page has dealt with a picture. */
  taken(): void {
    this.#pictures.taken();
  }

  #failed(error: unknown): void {
    this.#discard();
    this.#perform(this.#gate.failed(performance.now()), `the decoder failed (${String(error)})`);
  }

  #perform(step: GateStep, reason: string): void {
    switch (step.type) {
      case "configure":
        return this.#configure(step.codec);
      case "ask":
        this.#discard();
        return this.#events.wantsKeyframe();
      case "give-up":
        this.#discard();
        return this.#events.gaveUp(reason);
      case "decode":
      case "skip":
        return;
    }
  }

  #configure(codec: string): void {
    this.#discard();
    const decoder = new VideoDecoder({
      output: (frame) => this.#decoded(frame),
      error: (error) => {
        if (decoder === this.#decoder) this.#failed(error);
      },
    });
    // Without a description, the stream is in annex B form and has its parameter sets in it.
    decoder.configure({ codec, optimizeForLatency: true });
    this.#decoder = decoder;
  }

  #feed(frame: RTCEncodedVideoFrame, kind: EncodedVideoChunkType): void {
    const { rtpTimestamp = 0, receiveTime } = frame.getMetadata() as FrameMetadata;
    const decodeMs = now();
    const receivedMs = receiveTime === undefined ? decodeMs : performance.timeOrigin + receiveTime;
    this.#mark(rtpTimestamp, { receivedMs, decodeMs });
    const chunk = { type: kind, timestamp: rtpTimestamp, data: frame.data };
    try {
      this.#decoder?.decode(new EncodedVideoChunk(chunk));
    } catch (error) {
      this.#failed(error);
    }
  }

  #mark(rtpTimestamp: number, marks: Marks): void {
    this.#marks.set(rtpTimestamp, marks);
    const [oldest] = this.#marks.keys();
    if (this.#marks.size > MAX_MARKS && oldest !== undefined) this.#marks.delete(oldest);
  }

  #decoded(frame: VideoFrame): void {
    this.#gate.decoded();
    const decodedMs = now();
    const marks = this.#marks.get(frame.timestamp) ?? {
      receivedMs: decodedMs,
      decodeMs: decodedMs,
    };
    this.#marks.delete(frame.timestamp);
    this.#pictures.put({ frame, times: { ...marks, decodedMs } });
  }

  #discard(): void {
    if (this.#decoder && this.#decoder.state !== "closed") this.#decoder.close();
    this.#decoder = null;
    this.#marks.clear();
  }
}

function now(): number {
  return performance.timeOrigin + performance.now();
}
