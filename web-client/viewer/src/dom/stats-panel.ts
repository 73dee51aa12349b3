// The figures of the stream, once a second while the panel is open.

import type { Figures, StatRow } from "../core/stats.js";
import { element } from "./html.js";
import { latencyView } from "./latency-view.js";

const INTERVAL_MS = 1_000;

export class StatsPanel {
  readonly view = element("div", {
    className: "stats",
    hidden: true,
    role: "region",
    ariaLabel: "Statistics",
  });
  readonly #sample: () => Promise<Figures>;
  #timer = 0;

  constructor(sample: () => Promise<Figures>) {
    this.#sample = sample;
  }

  get isOpen(): boolean {
    return !this.view.hidden;
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
    const { rows, latency } = await this.#sample();
    const list = element("dl", {}, ...rows.flatMap(row));
    this.view.replaceChildren(list, ...(latency ? latencyView(latency) : []));
  }
}

/** A long value stays on its line; all of it is in the title. */
function row({ name, value }: StatRow): HTMLElement[] {
  return [element("dt", {}, name), element("dd", { title: value }, value)];
}
