// The figures of the stream, once a second while the panel is open.

import type { Language } from "../core/language.js";
import type { Figures, StatRow } from "../core/stats.js";
import { phrase } from "../core/texts.js";
import { element } from "./html.js";
import { latencyView } from "./latency-view.js";

const INTERVAL_MS = 1_000;

export interface StatsPanelEvents {
  sample(): Promise<Figures>;
  /** Escape was pressed in the panel, which has closed. */
  left(): void;
}

export class StatsPanel {
  /** It scrolls where it does not fit, so it takes the focus. */
  readonly view = element("div", {
    className: "stats",
    hidden: true,
    role: "region",
    tabIndex: 0,
  });
  readonly #body = element("div", {});
  readonly #settings: HTMLElement;
  readonly #events: StatsPanelEvents;
  #language: Language;
  #timer = 0;

  /** `settings` stand below the figures. */
  constructor(language: Language, settings: HTMLElement, events: StatsPanelEvents) {
    this.#settings = settings;
    this.view.append(this.#body, this.#settings);
    this.#language = language;
    this.#events = events;
    this.view.part.add("statistics");
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

  speak(language: Language): void {
    this.#language = language;
    this.view.ariaLabel = language.say(phrase("statistics"));
  }

  toggle(): void {
    if (this.isOpen) this.close();
    else this.#open();
  }

  close(): void {
    clearInterval(this.#timer);
    this.view.hidden = true;
  }

  #open(): void {
    this.view.hidden = false;
    this.#timer = window.setInterval(() => void this.#update(), INTERVAL_MS);
    void this.#update();
  }

  async #update(): Promise<void> {
    const { rows, latency } = await this.#events.sample();
    const list = element("dl", {}, ...rows.flatMap(row));
    const views = latency ? latencyView(latency, this.#language) : [];
    this.#body.replaceChildren(list, ...views);
  }
}

/** A long value stays on its line; all of it is in the title. */
function row({ name, value }: StatRow): HTMLElement[] {
  return [element("dt", {}, name), element("dd", { title: value }, value)];
}
