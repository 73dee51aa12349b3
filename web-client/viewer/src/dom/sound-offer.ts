// Sound that browsers play only after a gesture: the first one on the desktop, or a click on an offer.

import { phrase } from "../core/texts.js";
import type { Notice, Sound } from "./desktop.js";

export interface SoundOfferEvents {
  /** The sound of the desktop that is open. */
  sound(): Sound | null;
  /** Shows the offer; returns what takes it back. */
  notice(notice: Notice): () => void;
}

export class SoundOffer {
  readonly #events: SoundOfferEvents;
  #isWanted = true;
  #dismiss = () => {};

  constructor(events: SoundOfferEvents) {
    this.#events = events;
  }

  /** A new connection is wanted with its sound. */
  reset(): void {
    this.#isWanted = true;
  }

  async toggle(): Promise<void> {
    const sound = this.#events.sound();
    this.#isWanted = !sound?.isOn;
    if (this.#isWanted) await sound?.turnOn();
    else sound?.turnOff();
  }

  /** Offers the sound where the browser has refused it, and takes the last offer back. */
  update(): void {
    this.#dismiss();
    if (!this.#events.sound()?.isRefused) return;
    const action = { label: phrase("enableSound"), run: () => this.gesture() };
    this.#dismiss = this.#events.notice({ text: phrase("soundNeedsClick"), action });
  }

  gesture(): void {
    const sound = this.#events.sound();
    if (this.#isWanted && sound && !sound.isOn) void sound.turnOn();
  }
}
