// Where somebody points who only watches: for the others to see, never for the desktop.

import { desktopPixel, type Point } from "../core/layout.js";
import { WATCHER_INTERVAL_MS } from "../core/pointers.js";
import type { View } from "../core/view.js";

export class WatcherPointer {
  readonly #surface: HTMLElement;
  readonly #view: View;
  readonly #send: (at: Point) => void;
  readonly #listeners = new AbortController();
  #timer = 0;
  #next: Point | null = null;

  constructor(surface: HTMLElement, view: View, send: (at: Point) => void) {
    this.#surface = surface;
    this.#view = view;
    this.#send = send;
    const options = { signal: this.#listeners.signal };
    surface.addEventListener("pointermove", (event) => this.#moved(event), options);
    surface.addEventListener("pointerdown", (event) => this.#moved(event), options);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#listeners.abort();
  }

  #moved({ clientX, clientY }: PointerEvent): void {
    const { left, top } = this.#surface.getBoundingClientRect();
    const place = { x: clientX - left, y: clientY - top };
    this.#next = desktopPixel(place, this.#view.picture, this.#view.desktop);
    if (this.#timer === 0) this.#pass();
  }

  /** The first at once, and later ones no faster than they are shown. */
  #pass(): void {
    this.#timer = 0;
    if (!this.#next) return;
    this.#send(this.#next);
    this.#next = null;
    this.#timer = window.setTimeout(() => this.#pass(), WATCHER_INTERVAL_MS);
  }
}
