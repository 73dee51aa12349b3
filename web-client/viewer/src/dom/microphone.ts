// The microphone: given to the desktop that is open, and to the next one after a broken connection.

import { phrase } from "../core/texts.js";
import type { Desktop, Notice } from "./desktop.js";

export interface MicrophoneEvents {
  desktop(): Desktop | null;
  changed(): void;
  notice(notice: Notice): void;
}

export class Microphone {
  readonly #events: MicrophoneEvents;
  #track: MediaStreamTrack | null = null;
  #isAsking = false;

  constructor(events: MicrophoneEvents) {
    this.#events = events;
  }

  get isOn(): boolean {
    return this.#track !== null;
  }

  toggle(): void {
    if (this.#track) this.turnOff();
    else void this.#turnOn();
  }

  turnOff(): void {
    this.#track?.stop();
    this.#use(null);
  }

  /** Another desktop is open, or the person's role in it is another one. */
  desktopChanged(): void {
    const desktop = this.#events.desktop();
    if (!this.#track || !desktop) return;
    if (desktop.speak) desktop.speak(this.#track);
    else this.turnOff();
  }

  async #turnOn(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      this.#use(stream.getAudioTracks()[0] ?? null);
    } catch (error) {
      this.#events.notice({ text: refusal(error) });
    } finally {
      this.#isAsking = false;
    }
  }

  #use(track: MediaStreamTrack | null): void {
    if (this.#track) this.#track.onended = null;
    this.#track = track;
    // The person has taken it back, or the device is gone.
    if (track) track.onended = () => this.#use(null);
    this.#events.desktop()?.speak?.(track);
    this.#events.changed();
  }
}

function refusal(error: unknown) {
  if (!window.isSecureContext) return phrase("microphoneNeedsHttps");
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError") return phrase("microphoneRefused");
  if (name === "NotFoundError") return phrase("noMicrophone");
  return phrase("microphoneFailed", { error: String(error) });
}
