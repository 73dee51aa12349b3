// Where the desktop's picture lies in the window, and which pixel is under the pointer.

import type { DisplaySize } from "./protocol.js";

/** In CSS pixels. */
export interface Box {
  width: number;
  height: number;
}

export interface Rect extends Box {
  x: number;
  y: number;
}

export interface Point {
  x: number;
  y: number;
}

/** Below this the picture stays at its own size: a window of odd width must not blur it. */
const NEGLIGIBLE_SCALE = 0.01;

/** The largest centred place for the desktop in the box, with its shape kept. */
export function fit(box: Box, desktop: DisplaySize): Rect {
  if (desktop.width === 0 || desktop.height === 0) return { x: 0, y: 0, width: 0, height: 0 };
  const largest = Math.min(box.width / desktop.width, box.height / desktop.height);
  const scale = Math.abs(largest - 1) < NEGLIGIBLE_SCALE ? 1 : largest;
  const width = desktop.width * scale;
  const height = desktop.height * scale;
  return {
    // Whole pixels: half of one would smear every pixel of the picture over two.
    x: Math.floor((box.width - width) / 2),
    y: Math.floor((box.height - height) / 2),
    width,
    height,
  };
}

/** The desktop's pixel under a point of the box; beside the picture, the nearest one. */
export function desktopPixel(point: Point, picture: Rect, desktop: DisplaySize): Point {
  return {
    x: pixelAlong(point.x - picture.x, picture.width, desktop.width),
    y: pixelAlong(point.y - picture.y, picture.height, desktop.height),
  };
}

function pixelAlong(offset: number, length: number, pixels: number): number {
  if (length === 0) return 0;
  const pixel = Math.floor((offset * pixels) / length);
  return Math.max(0, Math.min(pixel, pixels - 1));
}
