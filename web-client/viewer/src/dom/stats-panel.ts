// The figures of the stream, once a second while the panel is open.

import type { StatRow } from "../core/stats.js";
import { element } from "./html.js";

const INTERVAL_MS = 1_000;

export class StatsPanel {
  readonly view = element("dl", { className: "stats", hidden: true, ariaLabel: "Statistics" });
  readonly #sample: () => Promise<StatRow[]>;
  #timer = 0;

  constructor(sample: () => Promise<StatRow[]>) {
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
    const rows = await this.#sample();
    this.view.replaceChildren(
      ...rows.flatMap(({ name, value }) => [element("dt", {}, name), element("dd", {}, value)]),
    );
  }
}
