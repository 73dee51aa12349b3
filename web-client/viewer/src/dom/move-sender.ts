// Sends where the pointer is, whichever device moves it: one sequence for all of them.

import type { Point } from "../core/layout.js";
import { PointerMoves } from "../core/pointer.js";
import type { PointerMove } from "../core/protocol.js";

const REPEAT_AFTER_MS = 60;

export class MoveSender {
  readonly #moves = new PointerMoves();
  readonly #send: (move: PointerMove) => void;
  #timer = 0;

  constructor(send: (move: PointerMove) => void) {
    this.#send = send;
  }

  /** A place that may be the last of its movement. */
  settled(at: Point, timeMs: number): void {
    this.#pass(this.#moves.settled(at, timeMs));
  }

  /** A place that another one follows. */
  intermediate(at: Point, timeMs: number): void {
    this.#pass(this.#moves.intermediate(at, timeMs));
  }

  /** A distance, for a pointer that has no place here. */
  by(distance: Point): void {
    this.#pass(this.#moves.by(distance));
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #pass(move: PointerMove | null): void {
    if (!move) return;
    this.#send(move);
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#repeat(), REPEAT_AFTER_MS);
  }

  #repeat(): void {
    const move = this.#moves.repeat();
    if (move) this.#send(move);
  }
}
