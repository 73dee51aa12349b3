// Shows the video track and plays the sound track.

import type { Sound } from "./desktop.js";

export interface PlayerEvents {
  decoded(): void;
  firstFrame(): void;
  soundChanged(): void;
}

/**
 * Two elements with a stream each: in one, the browser would hold the picture back to keep it in
 * time with the sound. The video element stays silent, so no autoplay rule ever stops it.
 */
export class Player implements Sound {
  readonly video = document.createElement("video");
  readonly #audio = document.createElement("audio");
  readonly #events: PlayerEvents;
  #isRefused = false;

  constructor(events: PlayerEvents) {
    this.#events = events;
    this.video.autoplay = true;
    this.video.playsInline = true;
    this.video.muted = true;
    this.video.disablePictureInPicture = true;
    this.#onFirstFrame();
    // Not when `play` resolves: on a silent desktop it waits for the first sound.
    this.#audio.onplay = () => this.#soundChanged();
    this.#audio.onpause = () => this.#soundChanged();
  }

  get isRefused(): boolean {
    return this.#isRefused;
  }

  get isOn(): boolean {
    return this.#audio.srcObject !== null && !this.#audio.paused;
  }

  add(track: MediaStreamTrack): void {
    if (track.kind === "video") {
      this.video.srcObject = new MediaStream([track]);
    } else {
      this.#audio.srcObject = new MediaStream([track]);
      void this.turnOn();
    }
  }

  async turnOn(): Promise<void> {
    try {
      await this.#audio.play();
    } catch (error) {
      this.#isRefused = error instanceof DOMException && error.name === "NotAllowedError";
      this.#events.soundChanged();
    }
  }

  turnOff(): void {
    this.#audio.pause();
  }

  close(): void {
    // The last picture stays until another takes its place.
    this.video.pause();
    this.#audio.onpause = null;
    this.#audio.srcObject = null;
  }

  #soundChanged(): void {
    this.#isRefused = false;
    this.#events.soundChanged();
  }

  #onFirstFrame(): void {
    const { video } = this;
    video.addEventListener("loadeddata", () => this.#events.decoded(), { once: true });
    const shown = () => this.#events.firstFrame();
    if ("requestVideoFrameCallback" in video) video.requestVideoFrameCallback(shown);
    else (video as HTMLVideoElement).addEventListener("loadeddata", shown, { once: true });
  }
}
