// Pointer movement, buttons and wheel, as the desktop understands them.

import type { Point } from "./layout.js";
import type { PointerMove } from "./protocol.js";

/** X button numbers by bit of `PointerEvent.buttons`; X counts wheel directions as 4 to 7. */
const X_BUTTONS: readonly number[] = [1, 3, 2, 8, 9];

export interface ButtonChange {
  button: number;
  down: boolean;
}

/**
 * Which buttons went down or up between two values of `PointerEvent.buttons`. Pointer events report
 * a second button as a movement, so the held buttons tell more than the events' types.
 */
export function buttonChanges(before: number, after: number): ButtonChange[] {
  const isHeld = (buttons: number, bit: number) => (buttons & (1 << bit)) !== 0;
  return X_BUTTONS.flatMap((button, bit) => {
    const down = isHeld(after, bit);
    return down === isHeld(before, bit) ? [] : [{ button, down }];
  });
}

/** A mouse reports up to 8000 times a second; more than this shows no difference on a screen. */
export const MIN_MOVE_INTERVAL_MS = 4;

/** Numbers the moves and thins them out. */
export class PointerMoves {
  #seq = 0;
  #last: (Point & { timeMs: number }) | null = null;
  /** All distances so far, with the fractions that slow movements add up to. */
  readonly #sum: Point = { x: 0, y: 0 };
  #isBy = false;

  /** A position to send, or `null` for one that may be left out: a later one follows. */
  intermediate(point: Point, timeMs: number): PointerMove | null {
    const isTooSoon = this.#last !== null && timeMs - this.#last.timeMs < MIN_MOVE_INTERVAL_MS;
    return isTooSoon ? null : this.settled(point, timeMs);
  }

  /** As `intermediate`, for a position that may be the last of its movement. */
  settled(point: Point, timeMs: number): PointerMove | null {
    if (this.#last?.x === point.x && this.#last.y === point.y) return null;
    this.#last = { ...point, timeMs };
    this.#isBy = false;
    return this.#to(point);
  }

  /** A distance to send, for a pointer that programs hide and hold in place. */
  by({ x, y }: Point): PointerMove {
    this.#sum.x += x;
    this.#sum.y += y;
    this.#last = null;
    this.#isBy = true;
    return this.#by();
  }

  /** The last position again: its channel loses messages, and after the last one none follows. */
  repeat(): PointerMove | null {
    if (this.#isBy) return this.#by();
    return this.#last && this.#to(this.#last);
  }

  #to({ x, y }: Point): PointerMove {
    return { seq: this.#next(), x, y };
  }

  /** Sums, so that a lost move is made up for by the next; they wrap as the session's do. */
  #by(): PointerMove {
    return {
      seq: this.#next(),
      right: Math.trunc(this.#sum.x) | 0,
      down: Math.trunc(this.#sum.y) | 0,
    };
  }

  #next(): number {
    this.#seq = (this.#seq + 1) >>> 0;
    return this.#seq;
  }
}

/** One sequence for a connection, whoever moves the pointer. */
export class MoveSequence {
  #seq = 0;
  readonly #sum = { right: 0, down: 0 };
  #base = { right: 0, down: 0 };

  /** The next one to move counts its distances from nothing, and the session goes on counting. */
  restart(): void {
    this.#base = { ...this.#sum };
  }

  next(move: PointerMove): PointerMove {
    this.#seq = (this.#seq + 1) >>> 0;
    if (!("right" in move)) return { ...move, seq: this.#seq };
    this.#sum.right = (this.#base.right + move.right) | 0;
    this.#sum.down = (this.#base.down + move.down) | 0;
    return { seq: this.#seq, ...this.#sum };
  }
}
