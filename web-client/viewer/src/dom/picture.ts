// The desktop's picture: in a <video>, or on a canvas that WebCodecs feeds.
//
// <video> is the quicker one in Chromium as long as the stream asks for no playout delay: a frame is
// with the compositor 1 to 2 ms after its last packet. To a transform Chromium hands it evenly spread
// over the next 16 ms, as if at ticks; and what is drawn waits for the page's thread.

import type { ShownFrame } from "../core/latency.js";
import { CanvasPicture } from "./canvas-picture.js";
import { VideoPicture } from "./video-picture.js";

/** `auto`: the one that has been measured to be quicker, which is <video>. */
export type DecoderPreference = "auto" | "webcodecs" | "video";

export interface PictureEvents {
  /** A picture has been decoded. In a hidden tab that is all: nothing gets to the screen. */
  decoded(): void;
  /** A picture is on the screen; `null` where its times are not known. */
  shown(frame: ShownFrame | null): void;
}

export interface PictureOptions {
  decoder: DecoderPreference;
  /** Where `picture-worker.js` is. */
  pictureWorkerUrl: string;
}

export class Picture {
  /** Holds the element that shows the picture, which fills it. */
  readonly view = document.createElement("div");
  readonly #options: PictureOptions;
  readonly #events: PictureEvents;
  #receiver: RTCRtpReceiver | null = null;
  #track: MediaStreamTrack | null = null;
  #canvas: CanvasPicture | null = null;
  #video: VideoPicture | null = null;
  #shownBy: "canvas" | "video" = "video";
  #isClosed = false;

  constructor(options: PictureOptions, events: PictureEvents) {
    this.#options = options;
    this.#events = events;
    this.view.className = "picture";
  }

  /** What shows the picture now. */
  get element(): HTMLVideoElement | HTMLCanvasElement | null {
    return this.#video?.view ?? this.#canvas?.view ?? null;
  }

  get video(): HTMLVideoElement | null {
    return this.#video?.view ?? null;
  }

  /** What the browser's own figures do not tell: those of a canvas are about the stand-ins. */
  get facts(): { decoder?: string } {
    return this.#shownBy === "canvas" ? { decoder: "WebCodecs" } : {};
  }

  /** Settles when a receiver may be attached. */
  async prepare(): Promise<void> {
    if (this.#options.decoder !== "webcodecs") return;
    const canvas = await CanvasPicture.start(this.#options.pictureWorkerUrl, {
      ...this.#events,
      gaveUp: (reason) => this.#useVideo(reason),
    });
    if (this.#isClosed) canvas?.close();
    else if (canvas) this.#useCanvas(canvas);
  }

  /** Takes the picture's receiver, in the task that has made it. */
  attach(receiver: RTCRtpReceiver): void {
    this.#receiver = receiver;
    this.#canvas?.attach(receiver);
  }

  show(track: MediaStreamTrack): void {
    this.#track = track;
    if (this.#shownBy === "video") this.#startVideo();
  }

  close(): void {
    this.#isClosed = true;
    this.#canvas?.close();
    this.#video?.close();
  }

  #useCanvas(canvas: CanvasPicture): void {
    this.#canvas = canvas;
    this.#shownBy = "canvas";
    this.view.replaceChildren(canvas.view);
  }

  /** The worker goes on: the frames pass through it. */
  #useVideo(reason: string): void {
    console.warn("WebCodecs shows no picture, <video> takes over:", reason);
    this.#shownBy = "video";
    this.#startVideo();
  }

  #startVideo(): void {
    if (this.#isClosed || this.#video || !this.#track || !this.#receiver) return;
    this.#video = new VideoPicture(this.#track, this.#receiver, this.#events);
    this.view.replaceChildren(this.#video.view);
  }
}
