// What the page and the worker that decodes its picture say to each other.

/** Moments of a frame's way, in milliseconds since 1970: page and worker count from different starts. */
export interface DecodeTimes {
  receivedMs: number;
  decodeMs: number;
  decodedMs: number;
}

export type WorkerMessage =
  /** The worker runs and finds what it needs. */
  | { type: "ready" }
  | { type: "picture"; frame: VideoFrame; times: DecodeTimes }
  /** From here on the frames go to the browser's own decoder: show its video. */
  | { type: "gave-up"; reason: string };

/** A picture is dealt with, and its frame closed. */
export type PageMessage = { type: "taken" };
