// How much a person wants to be sent.

import type { Language, Saying } from "../core/language.js";
import { BITRATES, FRAME_RATES, type Limits } from "../core/limits.js";
import { phrase } from "../core/texts.js";
import { element } from "./html.js";

export interface QualityPanelEvents {
  limits(): Limits;
  limit(limits: Limits): void;
  /** Escape was pressed in the panel, which has closed. */
  left(): void;
}

export class QualityPanel {
  readonly view = element("div", { className: "panel quality", hidden: true, role: "group" });
  readonly #events: QualityPanelEvents;
  #language: Language;

  constructor(language: Language, events: QualityPanelEvents) {
    this.#language = language;
    this.#events = events;
    this.view.part.add("quality");
    this.view.addEventListener("keydown", ({ key }) => {
      if (key !== "Escape") return;
      this.close();
      events.left();
    });
    this.speak(language);
  }

  get isOpen(): boolean {
    return !this.view.hidden;
  }

  toggle(): void {
    this.view.hidden = this.isOpen;
    if (!this.isOpen) return;
    this.speak(this.#language);
    this.view.querySelector("select")?.focus();
  }

  close(): void {
    this.view.hidden = true;
  }

  speak(language: Language): void {
    this.#language = language;
    this.view.ariaLabel = language.say(phrase("quality"));
    const { maxBps, maxFps } = this.#events.limits();
    const change = (part: Partial<Limits>) =>
      this.#events.limit({ ...this.#events.limits(), ...part });
    this.view.replaceChildren(
      this.#choice("mostData", BITRATES, maxBps, megabits, (value) => change({ maxBps: value })),
      this.#choice("mostFrames", FRAME_RATES, maxFps, frames, (value) => change({ maxFps: value })),
    );
  }

  #choice(
    name: "mostData" | "mostFrames",
    values: readonly number[],
    chosen: number | null,
    words: (value: number) => Saying,
    choose: (value: number | null) => void,
  ): HTMLElement {
    // What an attribute has set may be none of ours.
    const all = chosen === null || values.includes(chosen) ? values : [...values, chosen];
    const option = (value: number | null, text: Saying) =>
      element(
        "option",
        { value: String(value ?? ""), selected: value === chosen },
        this.#language.say(text),
      );
    const select = element(
      "select",
      { onchange: () => choose(select.value === "" ? null : Number(select.value)) },
      option(null, phrase("automatic")),
      ...all.map((value) => option(value, words(value))),
    );
    return element("label", {}, this.#language.say(phrase(name)), select);
  }
}

function megabits(bps: number): Saying {
  return phrase("megabitsPerSecond", { count: Math.round(bps / 1e5) / 10 });
}

function frames(rate: number): Saying {
  return phrase("framesPerSecond", { rate });
}
