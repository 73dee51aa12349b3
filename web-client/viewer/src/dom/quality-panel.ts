// How much a person wants to be sent.

import type { Language, Saying } from "../core/language.js";
import { BITRATES, FRAME_RATES, type Limits } from "../core/limits.js";
import { phrase } from "../core/texts.js";
import { element } from "./html.js";
import { Panel } from "./panel.js";

export interface QualityPanelEvents {
  limits(): Limits;
  limit(limits: Limits): void;
  /** The person has closed the panel. */
  closed(): void;
}

export class QualityPanel {
  readonly panel: Panel;
  readonly #data = new Choice(BITRATES, megabits, (maxBps) => this.#change({ maxBps }));
  readonly #frames = new Choice(FRAME_RATES, frames, (maxFps) => this.#change({ maxFps }));
  readonly #events: QualityPanelEvents;

  constructor(events: QualityPanelEvents) {
    this.#events = events;
    const body = [this.#data.view, this.#frames.view];
    this.panel = new Panel("quality", body, () => events.closed());
  }

  toggle(language: Language): void {
    if (this.panel.isOpen) return this.close();
    this.speak(language);
    this.panel.open();
    this.#data.focus();
  }

  close(): void {
    this.panel.close();
  }

  speak(language: Language): void {
    this.panel.speak(language, phrase("quality"));
    const { maxBps, maxFps } = this.#events.limits();
    this.#data.speak(language, phrase("mostData"), maxBps);
    this.#frames.speak(language, phrase("mostFrames"), maxFps);
  }

  #change(part: Partial<Limits>): void {
    this.#events.limit({ ...this.#events.limits(), ...part });
  }
}

/** One of some limits, or none. */
class Choice {
  readonly view: HTMLElement;
  readonly #name = element("span", {});
  readonly #select = element("select", {});
  readonly #values: readonly number[];
  readonly #words: (value: number) => Saying;

  constructor(
    values: readonly number[],
    words: (value: number) => Saying,
    choose: (value: number | null) => void,
  ) {
    this.#values = values;
    this.#words = words;
    this.#select.onchange = () => {
      const { value } = this.#select;
      choose(value === "" ? null : Number(value));
    };
    this.view = element("label", { className: "field" }, this.#name, this.#select);
  }

  focus(): void {
    this.#select.focus();
  }

  speak(language: Language, name: Saying, chosen: number | null): void {
    this.#name.textContent = language.say(name);
    // What an attribute has set may be none of ours.
    const isOther = chosen !== null && !this.#values.includes(chosen);
    const values = isOther ? [...this.#values, chosen] : this.#values;
    const option = (value: string, text: Saying) =>
      element("option", { value }, language.say(text));
    this.#select.replaceChildren(
      option("", phrase("automatic")),
      ...values.map((value) => option(String(value), this.#words(value))),
    );
    this.#select.value = String(chosen ?? "");
  }
}

function megabits(bps: number): Saying {
  return phrase("megabitsPerSecond", { count: Math.round(bps / 1e5) / 10 });
}

function frames(rate: number): Saying {
  return phrase("framesPerSecond", { rate });
}
