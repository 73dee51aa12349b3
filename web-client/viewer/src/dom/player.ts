// Shows the video track and plays the sound track.

import type { Sound } from "./desktop.js";

export interface PlayerEvents {
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

  constructor(events: PlayerEvents) {
    this.#events = events;
    this.video.autoplay = true;
    this.video.playsInline = true;
    this.video.muted = true;
    this.video.disablePictureInPicture = true;
    this.#onFirstFrame();
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
    // Refused without a gesture; `isOn` stays false, and the toolbar offers to turn it on.
    await this.#audio.play().catch(() => {});
    this.#events.soundChanged();
  }

  turnOff(): void {
    this.#audio.pause();
    this.#events.soundChanged();
  }

  close(): void {
    // The last picture stays until another takes its place.
    this.video.pause();
    this.#audio.srcObject = null;
  }

  #onFirstFrame(): void {
    const shown = () => this.#events.firstFrame();
    if ("requestVideoFrameCallback" in this.video) this.video.requestVideoFrameCallback(shown);
    else (this.video as HTMLVideoElement).addEventListener("loadeddata", shown, { once: true });
  }
}
