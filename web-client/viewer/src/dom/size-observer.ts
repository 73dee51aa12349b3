// Follows the size of the viewer's window: the layout at once, the desktop after it has settled.

import type { Box } from "../core/layout.js";
import { RESIZE_DEBOUNCE_MS } from "../core/resize.js";

export interface SizeEvents {
  changed(box: Box): void;
  settled(box: Box): void;
}

export class SizeObserver {
  readonly #observer: ResizeObserver;
  readonly #events: SizeEvents;
  #box: Box = { width: 0, height: 0 };
  #timer = 0;

  constructor(element: HTMLElement, events: SizeEvents) {
    this.#events = events;
    this.#observer = new ResizeObserver((entries) => {
      const rect = entries.at(-1)?.contentRect;
      if (rect) this.#resized({ width: rect.width, height: rect.height });
    });
    this.#observer.observe(element);
  }

  get box(): Box {
    return this.#box;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#observer.disconnect();
  }

  #resized(box: Box): void {
    this.#box = box;
    this.#events.changed(box);
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#events.settled(box), RESIZE_DEBOUNCE_MS);
  }
}
