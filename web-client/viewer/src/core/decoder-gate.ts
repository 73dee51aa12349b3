// Which encoded frames a decoder gets, and when a keyframe has to be asked for.
//
//             keyframe                        delta
//   waiting ───────────▶ decoding    waiting ───────▶ waiting, asks now and then
//      ▲                     │
//      └─────────────────────┘ error, or too much is queued
//
//   Two errors without a steady run between them end it: another way has to show the picture.

/** An encoded frame, as far as it matters here. */
export interface GateFrame {
  /** The codec's name, of a keyframe; `null` where the keyframe does not tell it. */
  codec: string | null;
  kind: "key" | "delta";
}

export type GateStep =
  /** The decoder is set up anew, then it gets the frame. */
  | { type: "configure"; codec: string }
  | { type: "decode" }
  | { type: "skip" }
  /** The frame is skipped, what is queued is of no use any more, and a keyframe is asked for. */
  | { type: "ask" }
  /** This decoder can not show the stream. */
  | { type: "give-up" };

/** Half a second at 60 frames a second: a decoder so far behind does not catch up by itself. */
export const MAX_QUEUED = 30;
/** A request or its answer may get lost. */
export const ASK_AGAIN_MS = 500;
/** So many pictures make an earlier error forgotten. */
export const STEADY_PICTURES = 300;
const MAX_ERRORS = 2;

type State = { name: "waiting"; askedMs: number | null } | { name: "decoding"; codec: string };

export class DecoderGate {
  #state: State = { name: "waiting", askedMs: null };
  #errors = 0;
  #pictures = 0;

  /** `queued`: how many frames the decoder has not begun. */
  frame(frame: GateFrame, queued: number, nowMs: number): GateStep {
    return frame.kind === "key" ? this.#key(frame.codec, queued) : this.#delta(queued, nowMs);
  }

  /** The decoder has made a picture. */
  decoded(): void {
    this.#pictures += 1;
    if (this.#pictures >= STEADY_PICTURES) this.#errors = 0;
  }

  /** The decoder has failed; what it had is lost. */
  failed(nowMs: number): GateStep {
    this.#errors += 1;
    this.#pictures = 0;
    return this.#errors >= MAX_ERRORS ? { type: "give-up" } : this.#ask(nowMs);
  }

  #key(codec: string | null, queued: number): GateStep {
    if (codec === null) return { type: "give-up" };
    const isReady = this.#state.name === "decoding" && this.#state.codec === codec;
    this.#state = { name: "decoding", codec };
    // Behind a long queue, the newest picture is the only one that is still of interest.
    return isReady && queued <= MAX_QUEUED ? { type: "decode" } : { type: "configure", codec };
  }

  #delta(queued: number, nowMs: number): GateStep {
    switch (this.#state.name) {
      case "decoding":
        return queued <= MAX_QUEUED ? { type: "decode" } : this.#ask(nowMs);
      case "waiting": {
        const { askedMs } = this.#state;
        const isDue = askedMs === null || nowMs - askedMs >= ASK_AGAIN_MS;
        return isDue ? this.#ask(nowMs) : { type: "skip" };
      }
    }
  }

  #ask(nowMs: number): GateStep {
    this.#state = { name: "waiting", askedMs: nowMs };
    return { type: "ask" };
  }
}
