// Who only watches comes near and looks around; the session learns nothing of it.

import { Fingers, nearByWheel, type Nearing } from "../core/near.js";
import type { Point } from "../core/layout.js";
import type { View } from "../core/view.js";
import { listenOn } from "./listen.js";

export class WatcherZoom {
  readonly #surface: HTMLElement;
  readonly #view: View;
  readonly #viewed: () => void;
  readonly #fingers = new Fingers();
  readonly #listeners = new AbortController();

  /** `viewed`: another part of the desktop is in sight. */
  constructor(surface: HTMLElement, view: View, viewed: () => void) {
    this.#surface = surface;
    this.#view = view;
    this.#viewed = viewed;
    const listen = listenOn(surface, this.#listeners.signal);
    for (const type of ["pointerdown", "pointermove", "pointerup", "pointercancel"] as const) {
      listen(type, (event) => this.#handle(event));
    }
    listen("wheel", (event) => this.#turned(event));
  }

  close(): void {
    this.#listeners.abort();
  }

  /** A mouse with its button down is as good as a finger. */
  #handle(event: PointerEvent): void {
    const { pointerId: id } = event;
    switch (event.type) {
      case "pointerdown":
        this.#surface.setPointerCapture(id);
        return this.#fingers.down(id, this.#place(event));
      case "pointermove": {
        const nearing = this.#fingers.move(id, this.#place(event));
        if (nearing) this.#come(nearing);
        return;
      }
      default:
        this.#fingers.up(id);
        if (this.#fingers.count > 0) return;
        this.#view.settle();
        this.#viewed();
    }
  }

  #turned(event: WheelEvent): void {
    if (!event.ctrlKey) return;
    // Else the browser makes the whole page larger.
    event.preventDefault();
    this.#come(nearByWheel(event.deltaY, this.#place(event)));
  }

  #come({ factor, from, to }: Nearing): void {
    this.#view.pinch(factor, from, to);
    this.#viewed();
  }

  #place({ clientX, clientY }: MouseEvent): Point {
    const { left, top } = this.#surface.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  }
}
