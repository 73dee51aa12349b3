// The picture on a canvas: a worker decodes it, and it is drawn the moment it is there.

import type { DecodeTimes, PageMessage, WorkerMessage } from "../worker/messages.js";
import type { PictureEvents } from "./picture.js";

export interface CanvasEvents extends PictureEvents {
  /** The frames go to the browser's own decoder now. */
  gaveUp(reason: string): void;
}

interface Picture {
  frame: VideoFrame;
  times: DecodeTimes;
}

export class CanvasPicture {
  readonly view = document.createElement("canvas");
  readonly #context = this.view.getContext("2d", { alpha: false });
  readonly #worker: Worker;
  readonly #events: CanvasEvents;
  readonly #pageListeners = new AbortController();
  /** Drawn, and not handed to the screen yet. */
  #drawn: (DecodeTimes & { rtpTimestamp: number }) | null = null;
  /** The newest one of a hidden page, which paints nothing. */
  #unseen: Picture | null = null;

  /** Settles when the worker is there; `null` where the browser lacks something for it. */
  static async start(workerUrl: string, events: CanvasEvents): Promise<CanvasPicture | null> {
    if (typeof RTCRtpScriptTransform !== "function") return null;
    try {
      const worker = new Worker(workerUrl, { type: "module" });
      if (await isReady(worker)) return new CanvasPicture(worker, events);
      worker.terminate();
    } catch {
      // The page's policy forbids it.
    }
    return null;
  }

  private constructor(worker: Worker, events: CanvasEvents) {
    // Until there is a picture; by itself a canvas has 300 x 150 pixels.
    this.view.width = this.view.height = 0;
    this.#worker = worker;
    this.#events = events;
    worker.onmessage = ({ data }: MessageEvent<WorkerMessage>) => this.#receive(data);
    const options = { signal: this.#pageListeners.signal };
    document.addEventListener("visibilitychange", () => this.#catchUp(), options);
  }

  /** In the task that has made the receiver: Chromium lets frames pass by of one that waits longer. */
  attach(receiver: RTCRtpReceiver): void {
    receiver.transform = new RTCRtpScriptTransform(this.#worker);
  }

  close(): void {
    this.#pageListeners.abort();
    this.#worker.terminate();
    this.#unseen?.frame.close();
    this.#unseen = null;
  }

  #receive(message: WorkerMessage): void {
    switch (message.type) {
      case "picture":
        return this.#picture(message);
      case "gave-up":
        return this.#events.gaveUp(message.reason);
      case "ready":
        return;
    }
  }

  #picture(picture: Picture): void {
    this.#events.decoded();
    if (document.hidden) this.#keep(picture);
    else this.#draw(picture);
    const taken: PageMessage = { type: "taken" };
    this.#worker.postMessage(taken);
  }

  /** What a canvas is told while nobody looks would pile up. */
  #keep(picture: Picture): void {
    this.#unseen?.frame.close();
    this.#unseen = picture;
  }

  #catchUp(): void {
    if (document.hidden || !this.#unseen) return;
    const picture = this.#unseen;
    this.#unseen = null;
    this.#draw(picture);
  }

  #draw({ frame, times }: Picture): void {
    const { displayWidth, displayHeight, timestamp } = frame;
    if (this.view.width !== displayWidth || this.view.height !== displayHeight) {
      this.view.width = displayWidth;
      this.view.height = displayHeight;
    }
    this.#context?.drawImage(frame, 0, 0);
    frame.close();
    if (!this.#drawn) requestAnimationFrame(() => this.#presented());
    this.#drawn = { ...times, rtpTimestamp: timestamp };
  }

  /** The browser composes the page right after this. */
  #presented(): void {
    const drawn = this.#drawn;
    this.#drawn = null;
    if (!drawn) return;
    const { rtpTimestamp, receivedMs, decodeMs, decodedMs } = drawn;
    this.#events.shown({
      rtpTimestamp,
      receivedMs: receivedMs - performance.timeOrigin,
      decodeMs: decodeMs - performance.timeOrigin,
      decodedMs: decodedMs - performance.timeOrigin,
      presentedMs: performance.now(),
    });
  }
}

function isReady(worker: Worker): Promise<boolean> {
  return new Promise((settle) => {
    worker.onmessage = ({ data }: MessageEvent<WorkerMessage>) => settle(data.type === "ready");
    worker.onerror = () => settle(false);
  });
}
