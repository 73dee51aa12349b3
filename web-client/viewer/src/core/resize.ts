// Which size the desktop should have, so that it fills the window pixel for pixel.

import type { Box } from "./layout.js";
import type { DisplaySize } from "./protocol.js";

export const RESIZE_DEBOUNCE_MS = 200;

const MIN: DisplaySize = { width: 320, height: 200 };
/** 8K: what X servers and video encoders take. */
const MAX: DisplaySize = { width: 7680, height: 4320 };

/** The desktop for a window; `ratio` is the desktop's pixels for each CSS pixel. */
export function desktopFor(box: Box, ratio: number): DisplaySize {
  return {
    width: dimension(box.width * ratio, MIN.width, MAX.width),
    height: dimension(box.height * ratio, MIN.height, MAX.height),
  };
}

/** Even, because a video encoder works on blocks of two by two pixels. */
function dimension(length: number, min: number, max: number): number {
  const even = Math.floor(length / 2) * 2;
  return Math.max(min, Math.min(even, max));
}

/**
 * `dense`: a pixel of the desktop is one of the screen. `handheld`: as dense as gives programs room.
 * `ordinary`: a pixel of the desktop is one of CSS.
 */
export type Screen = "dense" | "handheld" | "ordinary";

/** What programs need along the shorter side to be usable. A phone has 360 to 430 CSS pixels there. */
const ROOM = 720;

/** The desktop's pixels for each CSS pixel. */
export function pixelRatio({ width, height }: Box, density: number, screen: Screen): number {
  switch (screen) {
    case "dense":
      return density;
    case "handheld":
      return Math.max(1, Math.min(density, ROOM / Math.max(1, Math.min(width, height))));
    case "ordinary":
      return 1;
  }
}

/** Dots an inch of an ordinary screen, by the convention of all desktops. */
const ORDINARY_DPI = 96;
const MAX_DPI = 480;

/** A desktop for a window, and for how dense a screen its letters are made. */
export interface Wish extends DisplaySize {
  dpi: number;
}

/** Letters of a dense desktop have more pixels; those of a handheld become smaller, to make room. */
export function dpiOf(density: number, screen: Screen): number {
  return screen === "dense" ? Math.min(MAX_DPI, Math.round(ORDINARY_DPI * density)) : ORDINARY_DPI;
}

/** Asks for each size once. */
export class ResizePolicy {
  #asked: Wish | null = null;

  /** What the desktop has by itself needs no asking. */
  displayed(size: DisplaySize): void {
    this.#asked ??= { ...size, dpi: ORDINARY_DPI };
  }

  /** The size to ask for now, or `null` where it is asked for already. */
  request(box: Box, ratio: number, dpi: number): Wish | null {
    // A hidden element has no size; that is no wish for a small desktop.
    if (box.width === 0 || box.height === 0) return null;
    const wanted = { ...desktopFor(box, ratio), dpi };
    const asked = this.#asked;
    const isKnown =
      wanted.width === asked?.width && wanted.height === asked.height && dpi === asked.dpi;
    if (isKnown) return null;
    this.#asked = wanted;
    return wanted;
  }
}
