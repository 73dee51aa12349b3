// Decodes the video of one connection, outside of the page's thread.
//
//   receiver ──▶ transform ──▶ VideoDecoder ──▶ page
//                    │
//                    └─ a stand-in for each frame ──▶ the browser's own decoder
//
// The browser's own decoder must not starve: it would ask for keyframes again and again. Stand-ins
// cost it nothing, and it still notices by itself when the network has lost a frame for good.

import { StandIns } from "../core/h264.js";
import type { PageMessage, WorkerMessage } from "./messages.js";
import { PictureDecoder } from "./picture-decoder.js";

declare const self: DedicatedWorkerGlobalScope;

/** Whose decoder shows the picture. */
type Mode = "worker" | "waiting-for-keyframe" | "browser";

class Pump {
  readonly #transformer: RTCRtpScriptTransformer;
  readonly #standIns = new StandIns();
  readonly #decoder: PictureDecoder;
  #mode: Mode = "worker";

  constructor(transformer: RTCRtpScriptTransformer) {
    this.#transformer = transformer;
    this.#decoder = new PictureDecoder({
      picture: (frame, times) => post({ type: "picture", frame, times }, [frame]),
      wantsKeyframe: () => this.#askForKeyframe(),
      gaveUp: (reason) => this.#giveUp(reason),
    });
  }

  /** Ends with the connection. */
  async run(): Promise<void> {
    const { readable, writable } = this.#transformer;
    const writer = writable.getWriter();
    for await (const frame of frames(readable)) await writer.write(this.#pass(frame));
  }

  taken(): void {
    this.#decoder.taken();
  }

  /** Gives back what the browser's own decoder gets in place of the frame, or the frame itself. */
  #pass(frame: RTCEncodedVideoFrame): RTCEncodedVideoFrame {
    if (this.#mode === "worker") this.#decoder.decode(frame);
    if (this.#mode === "waiting-for-keyframe" && frame.type === "key") this.#mode = "browser";
    if (this.#mode !== "browser") frame.data = this.#standIns.next().buffer;
    return frame;
  }

  #giveUp(reason: string): void {
    this.#mode = "waiting-for-keyframe";
    this.#askForKeyframe();
    post({ type: "gave-up", reason });
  }

  #askForKeyframe(): void {
    // It fails only where the connection is gone.
    this.#transformer.sendKeyFrameRequest().catch(() => {});
  }
}

async function* frames(readable: ReadableStream<RTCEncodedVideoFrame>) {
  const reader = readable.getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    yield value;
  }
}

function post(message: WorkerMessage, transfer: Transferable[] = []): void {
  self.postMessage(message, transfer);
}

self.onrtctransform = ({ transformer }) => {
  const pump = new Pump(transformer);
  self.onmessage = (_: MessageEvent<PageMessage>) => pump.taken();
  void pump.run().catch(() => {});
};

if (typeof VideoDecoder === "function") post({ type: "ready" });
else post({ type: "gave-up", reason: "there is no VideoDecoder" });
