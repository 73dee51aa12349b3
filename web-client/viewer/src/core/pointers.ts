// Where the others point: shown while they move, and for a moment after.

import type { PersonPointer, ViewerId } from "./protocol.js";

/** Long enough to find it, short enough not to lie in the way. */
export const SHOWN_MS = 4_000;

interface Shown extends PersonPointer {
  untilMs: number;
}

export class OthersPointers {
  #shown = new Map<ViewerId, Shown>();

  moved(pointers: readonly PersonPointer[], you: ViewerId | null, nowMs: number): void {
    for (const pointer of pointers) {
      if (pointer.viewer === you) continue;
      this.#shown.set(pointer.viewer, { ...pointer, untilMs: nowMs + SHOWN_MS });
    }
  }

  /** Only these are here. */
  keep(here: ReadonlySet<ViewerId>): void {
    for (const viewer of this.#shown.keys()) if (!here.has(viewer)) this.#shown.delete(viewer);
  }

  visible(nowMs: number): PersonPointer[] {
    for (const [viewer, { untilMs }] of this.#shown) {
      if (untilMs <= nowMs) this.#shown.delete(viewer);
    }
    return [...this.#shown.values()];
  }

  /** When the next one goes, if any is shown. */
  get nextMs(): number | null {
    const times = [...this.#shown.values()].map(({ untilMs }) => untilMs);
    return times.length === 0 ? null : Math.min(...times);
  }
}

/** Moves of somebody who only watches: as many as the others are shown. */
export const WATCHER_INTERVAL_MS = 50;
