// Two fingers bring a picture near, one moves it: for those who only look.

import type { Point } from "./layout.js";

/** What was at `from` is at `to`, and larger by `factor`. */
export interface Nearing {
  factor: number;
  from: Point;
  to: Point;
}

/** Wheels tell this much for the picture to become twice as large. */
const DOUBLED_BY_PX = 300;

export class Fingers {
  readonly #at = new Map<number, Point>();

  get count(): number {
    return this.#at.size;
  }

  down(id: number, at: Point): void {
    this.#at.set(id, at);
  }

  /** What a finger's way to `at` does to the picture; a third finger and more do nothing. */
  move(id: number, at: Point): Nearing | null {
    if (!this.#at.has(id)) return null;
    const before = this.#look();
    this.#at.set(id, at);
    const now = this.#look();
    if (!before || !now) return null;
    const factor = before.span > 0 && now.span > 0 ? now.span / before.span : 1;
    return { factor, from: before.centre, to: now.centre };
  }

  up(id: number): void {
    this.#at.delete(id);
  }

  #look(): { centre: Point; span: number } | null {
    const [one, other = one] = this.#at.values();
    if (!one || !other || this.#at.size > 2) return null;
    const centre = { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
    return { centre, span: Math.hypot(one.x - other.x, one.y - other.y) };
  }
}

/** A wheel that is turned with Control held, which is also what a pinch on a trackpad is told as. */
export function nearByWheel(deltaY: number, at: Point): Nearing {
  const bounded = Math.max(-DOUBLED_BY_PX, Math.min(deltaY, DOUBLED_BY_PX));
  return { factor: 2 ** (-bounded / DOUBLED_BY_PX), from: at, to: at };
}
