// The pointer that a finger or a locked mouse moves from where it is.

import type { Point } from "./layout.js";
import type { DisplaySize } from "./protocol.js";

/** A slow finger moves it pixel by pixel, a quick one across the screen. */
const SLOWEST = 1;
const QUICKEST = 3;
/** CSS pixels between two events of a quick finger. */
const QUICK = 24;

export class GlidingPointer {
  /** In pixels of the desktop, with the fractions that slow movements add up to. */
  #at: Point | null = null;

  /** It is at this pixel now. */
  place(at: Point): void {
    this.#at = at;
  }

  /** The pixel that it is on: before anybody moved it, the middle of the desktop. */
  pixel(desktop: DisplaySize): Point {
    const { x, y } = this.#at ?? { x: desktop.width / 2, y: desktop.height / 2 };
    return { x: within(Math.floor(x), desktop.width), y: within(Math.floor(y), desktop.height) };
  }

  /** `scale`: how many pixels of the desktop a CSS pixel of the picture is. */
  glide(by: Point, scale: number, desktop: DisplaySize): Point {
    return this.move(by, scale * gain(by), desktop);
  }

  /** Without acceleration: a mouse has its own. */
  move(by: Point, scale: number, desktop: DisplaySize): Point {
    const { x, y } = this.#at ?? this.pixel(desktop);
    this.#at = {
      x: within(x + by.x * scale, desktop.width),
      y: within(y + by.y * scale, desktop.height),
    };
    return this.pixel(desktop);
  }
}

function gain({ x, y }: Point): number {
  const share = Math.min(1, Math.hypot(x, y) / QUICK);
  return SLOWEST + (QUICKEST - SLOWEST) * share;
}

function within(at: number, pixels: number): number {
  return Math.max(0, Math.min(at, pixels - 1));
}
