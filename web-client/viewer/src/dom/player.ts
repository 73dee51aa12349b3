// Plays the sound track.

import type { Sound } from "./desktop.js";

/**
 * An element and a stream of its own: in one with the picture, the browser would hold the picture
 * back to keep it in time with the sound.
 */
export class Player implements Sound {
  readonly #audio = document.createElement("audio");
  readonly #changed: () => void;
  #isRefused = false;

  /** `changed`: sound began, stopped or was refused. */
  constructor(changed: () => void) {
    this.#changed = changed;
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

  play(track: MediaStreamTrack): void {
    this.#audio.srcObject = new MediaStream([track]);
    void this.turnOn();
  }

  async turnOn(): Promise<void> {
    try {
      await this.#audio.play();
    } catch (error) {
      this.#isRefused = error instanceof DOMException && error.name === "NotAllowedError";
      this.#changed();
    }
  }

  turnOff(): void {
    this.#audio.pause();
  }

  close(): void {
    this.#audio.onpause = null;
    this.#audio.srcObject = null;
  }

  #soundChanged(): void {
    this.#isRefused = false;
    this.#changed();
  }
}
