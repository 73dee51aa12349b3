// The picture in a <video>: the browser decodes and paces it.

import type { ShownFrame } from "../core/latency.js";
import type { PictureEvents } from "./picture.js";

/** https://wicg.github.io/video-rvfc/: what is there of frames that came over a network. */
interface ReceivedFrame extends VideoFrameCallbackMetadata {
  receiveTime: number;
  rtpTimestamp: number;
}

/** How often the mean wait in the jitter buffer is read. */
const JITTER_INTERVAL_MS = 1_000;

export class VideoPicture {
  readonly view = document.createElement("video");
  readonly #events: PictureEvents;
  readonly #jitterBuffer: JitterBuffer;
  #isClosed = false;

  /** Silent, so that no autoplay rule ever stops it; sound has an element of its own. */
  constructor(track: MediaStreamTrack, receiver: RTCRtpReceiver, events: PictureEvents) {
    this.#events = events;
    this.#jitterBuffer = new JitterBuffer(receiver);
    this.view.autoplay = true;
    this.view.playsInline = true;
    this.view.muted = true;
    this.view.disablePictureInPicture = true;
    this.view.srcObject = new MediaStream([track]);
    this.view.addEventListener("loadeddata", () => events.decoded(), { once: true });
    if ("requestVideoFrameCallback" in this.view) this.#follow();
    else this.#followWithoutTimes();
  }

  close(): void {
    this.#isClosed = true;
    // The last picture stays until another takes its place.
    this.view.pause();
  }

  #follow(): void {
    this.view.requestVideoFrameCallback((_, metadata) => {
      if (this.#isClosed) return;
      this.#events.shown(this.#times(metadata));
      this.#follow();
    });
  }

  #followWithoutTimes(): void {
    const { view } = this as { view: HTMLVideoElement };
    view.addEventListener("loadeddata", () => this.#events.shown(null), { once: true });
  }

  #times(metadata: VideoFrameCallbackMetadata): ShownFrame | null {
    if (!isReceived(metadata)) return null;
    const { rtpTimestamp, receiveTime, presentationTime, processingDuration = 0 } = metadata;
    const decodingMs = processingDuration * 1000;
    // Of one frame the browser tells only the sum of both waits, before the decoder and behind it.
    const waitsMs = Math.max(0, presentationTime - receiveTime - decodingMs);
    const decodeMs = receiveTime + Math.min(waitsMs, this.#jitterBuffer.meanMs());
    return {
      rtpTimestamp,
      receivedMs: receiveTime,
      decodeMs,
      decodedMs: decodeMs + decodingMs,
      presentedMs: presentationTime,
    };
  }
}

function isReceived(metadata: VideoFrameCallbackMetadata): metadata is ReceivedFrame {
  return metadata.receiveTime !== undefined && metadata.rtpTimestamp !== undefined;
}

/** How long frames wait for the decoder, as the receiver's counters have it. */
class JitterBuffer {
  readonly #receiver: RTCRtpReceiver;
  #readMs = -Infinity;
  #counted = { seconds: 0, frames: 0 };
  #meanMs = 0;

  constructor(receiver: RTCRtpReceiver) {
    this.#receiver = receiver;
  }

  /** Of the last second with frames. */
  meanMs(): number {
    if (performance.now() - this.#readMs >= JITTER_INTERVAL_MS) void this.#read();
    return this.#meanMs;
  }

  async #read(): Promise<void> {
    this.#readMs = performance.now();
    const report = await this.#receiver.getStats();
    for (const entry of report.values()) {
      if (entry.type !== "inbound-rtp") continue;
      const now = {
        seconds: entry.jitterBufferDelay ?? 0,
        frames: entry.jitterBufferEmittedCount ?? 0,
      };
      const frames = now.frames - this.#counted.frames;
      if (frames > 0) this.#meanMs = ((now.seconds - this.#counted.seconds) * 1000) / frames;
      this.#counted = now;
    }
  }
}
