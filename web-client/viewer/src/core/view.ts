// Which part of the desktop is seen, and where: the whole of it, or what a pinch has brought near.

import { fit, type Box, type Point, type Rect } from "./layout.js";
import type { DisplaySize } from "./protocol.js";

const MAX_SCALE = 8;
/** A picture this little larger than the whole one was meant to be the whole one. */
const NEARLY_WHOLE = 1.05;
/** How near, as a share of the box, a revealed point may come to its edge. */
const MARGIN = 0.12;

export class View {
  #box: Box = { width: 0, height: 0 };
  #desktop: DisplaySize = { width: 0, height: 0 };
  #scale = 1;
  /** What is in the middle of the box, as shares of the picture's width and height. */
  #centre: Point = { x: 0.5, y: 0.5 };

  get desktop(): DisplaySize {
    return this.#desktop;
  }

  get isWhole(): boolean {
    return this.#scale === 1;
  }

  /** Where the picture lies in the box, or how far it reaches over its edges. */
  get picture(): Rect {
    const whole = fit(this.#box, this.#desktop);
    if (this.isWhole) return whole;
    const width = whole.width * this.#scale;
    const height = whole.height * this.#scale;
    return {
      x: placeAlong(this.#box.width, width, this.#centre.x),
      y: placeAlong(this.#box.height, height, this.#centre.y),
      width,
      height,
    };
  }

  resize(box: Box): void {
    this.#box = box;
  }

  show(desktop: DisplaySize): void {
    this.#desktop = desktop;
  }

  showAll(): void {
    this.#scale = 1;
  }

  /** What was at `from` comes to `to`, larger by `factor`, as far as the desktop's edges let it. */
  pinch(factor: number, from: Point, to: Point): void {
    const before = this.picture;
    if (before.width === 0 || before.height === 0) return;
    const under = {
      x: (from.x - before.x) / before.width,
      y: (from.y - before.y) / before.height,
    };
    this.#scale = Math.max(1, Math.min(this.#scale * factor, MAX_SCALE));
    const whole = fit(this.#box, this.#desktop);
    const left = to.x - under.x * whole.width * this.#scale;
    const top = to.y - under.y * whole.height * this.#scale;
    this.#centreOn(left, top, whole);
  }

  /** The fingers are off: a picture that is nearly whole becomes so. */
  settle(): void {
    if (this.#scale < NEARLY_WHOLE) this.showAll();
  }

  /** Moves as little as brings a pixel of the desktop into sight. */
  reveal(pixel: Point): void {
    if (this.isWhole) return;
    const { x, y, width, height } = this.picture;
    const at = {
      x: x + (pixel.x / this.#desktop.width) * width,
      y: y + (pixel.y / this.#desktop.height) * height,
    };
    const left = x + inward(at.x, this.#box.width);
    const top = y + inward(at.y, this.#box.height);
    this.#centreOn(left, top, fit(this.#box, this.#desktop));
  }

  /** Puts the picture's corner here, and keeps the box filled. */
  #centreOn(left: number, top: number, whole: Rect): void {
    this.#centre = {
      x: centreAlong(this.#box.width, whole.width * this.#scale, left),
      y: centreAlong(this.#box.height, whole.height * this.#scale, top),
    };
  }
}

/** Where a picture of this length begins whose share `centre` is in the middle of the box. */
function placeAlong(box: number, length: number, centre: number): number {
  if (length <= box) return Math.floor((box - length) / 2);
  return Math.max(box - length, Math.min(0, box / 2 - centre * length));
}

function centreAlong(box: number, length: number, start: number): number {
  if (length <= box) return 0.5;
  const kept = Math.max(box - length, Math.min(0, start));
  return (box / 2 - kept) / length;
}

/** How far a point has to move to be well within the box. */
function inward(at: number, box: number): number {
  const margin = box * MARGIN;
  if (at < margin) return margin - at;
  return at > box - margin ? box - margin - at : 0;
}
