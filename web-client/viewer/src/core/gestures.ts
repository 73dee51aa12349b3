// From fingers on a screen to what the desktop's pointer does.
//
//               moved                direct: drag; trackpad: glide, or drag just after a tap
//   idle ─▶ one ──────▶ dragging, gliding
//            │ │ held   direct: a right click; trackpad: drag
//            │ ├──────▶ spent, dragging
//            │ └─ up ─▶ a click, and idle
//            ▼ one more finger
//         several ─ up ─▶ two fingers: a right click; three: a middle click
//            │ moved
//            ├──────▶ scrolling   the fingers go the same way
//            └──────▶ pinching    they go apart or together
//
// Events go in, actions come out; the one timer belongs to the caller. Places are CSS pixels.

import type { Point } from "./layout.js";

/** `direct`: the pointer is where the finger is. `trackpad`: the finger moves it from where it is. */
export type TouchMode = "direct" | "trackpad";

export type GestureEvent =
  | { type: "down" | "move" | "up"; id: number; at: Point; timeMs: number }
  /** The browser or the system has taken the finger. */
  | { type: "cancel"; id: number }
  | { type: "timer" };

export type GestureAction =
  | { type: "point"; at: Point }
  | { type: "glide"; by: Point }
  /** Of the pointer, where it is now; numbers as X has them. */
  | { type: "button"; button: number; down: boolean }
  /** How far the fingers moved, which is how far what is under them should. */
  | { type: "scroll"; by: Point }
  /** What was at `from` is at `to`, and larger by `factor`. */
  | { type: "pinch"; factor: number; from: Point; to: Point }
  /** Starts the timer anew; one that fires too late does nothing. */
  | { type: "wait"; ms: number };

export const LONG_PRESS_MS = 500;
/** A finger that stays within this many pixels has not moved. */
export const SLOP = 10;
/** Several fingers that are all up again this soon have tapped. */
export const TAP_MS = 350;
/** A tap this soon after another, and this near to it, belongs to it. */
const DOUBLE_TAP_MS = 400;
const DOUBLE_TAP_DISTANCE = 28;

const LEFT = 1;
const MIDDLE = 2;
const RIGHT = 3;

type State =
  "idle" | "one" | "gliding" | "dragging" | "several" | "scrolling" | "pinching" | "spent";

interface Finger {
  start: Point;
  at: Point;
}

export class Gestures {
  mode: TouchMode = "direct";
  #state: State = "idle";
  readonly #fingers = new Map<number, Finger>();
  /** The first finger: a drag and a glide are its alone. */
  #leader = -1;
  /** When it came, and how many there were at most. */
  #startMs = 0;
  #most = 0;
  /** Between all of them, when the first went up. */
  #centre: Point = { x: 0, y: 0 };
  #lastTap: { at: Point; timeMs: number } | null = null;
  #followsTap = false;

  handle(event: GestureEvent): GestureAction[] {
    switch (event.type) {
      case "down":
        return this.#down(event.id, event.at, event.timeMs);
      case "move":
        return this.#move(event.id, event.at);
      case "up":
        return this.#up(event.id, event.timeMs);
      case "cancel":
        return this.#cancel(event.id);
      case "timer":
        return this.#state === "one" ? this.#held() : [];
    }
  }

  #down(id: number, at: Point, timeMs: number): GestureAction[] {
    this.#fingers.set(id, { start: at, at });
    this.#most = Math.max(this.#most, this.#fingers.size);
    if (this.#state === "idle") {
      this.#state = "one";
      this.#leader = id;
      this.#startMs = timeMs;
      this.#followsTap = this.#isNearLastTap(at, timeMs);
      return [{ type: "wait", ms: LONG_PRESS_MS }];
    }
    // Once something has begun, further fingers change nothing.
    if (this.#state === "one") this.#state = "several";
    return [];
  }

  #move(id: number, at: Point): GestureAction[] {
    const finger = this.#fingers.get(id);
    if (!finger) return [];
    const before = finger.at;
    const span = this.#span();
    finger.at = at;
    switch (this.#state) {
      case "one":
        return distance(finger.start, at) > SLOP ? this.#begin(finger) : [];
      case "gliding":
      case "dragging":
        return id === this.#leader ? [this.#follow(before, at)] : [];
      case "several":
        return this.#decide();
      case "scrolling":
      case "pinching":
        return this.#together(span);
      case "idle":
      case "spent":
        return [];
    }
  }

  /** The only finger has begun to move. */
  #begin({ start, at }: Finger): GestureAction[] {
    if (this.mode === "trackpad" && !this.#followsTap) {
      this.#state = "gliding";
      return [{ type: "glide", by: difference(at, start) }];
    }
    this.#state = "dragging";
    const there: GestureAction[] = this.mode === "direct" ? [{ type: "point", at: start }] : [];
    return [...there, press(LEFT), this.#follow(start, at)];
  }

  #follow(before: Point, at: Point): GestureAction {
    return this.mode === "direct"
      ? { type: "point", at }
      : { type: "glide", by: difference(at, before) };
  }

  #held(): GestureAction[] {
    const [finger] = this.#fingers.values();
    if (this.mode === "trackpad" || !finger) {
      this.#state = "dragging";
      return [press(LEFT)];
    }
    this.#state = "spent";
    return [{ type: "point", at: finger.start }, ...click(RIGHT)];
  }

  /** Two fingers have begun to move: which way decides. */
  #decide(): GestureAction[] {
    const fingers = [...this.#fingers.values()];
    if (fingers.length !== 2) return [];
    const before = spanOf(fingers.map(({ start }) => start));
    const now = this.#span();
    const apart = Math.abs(now.distance - before.distance);
    const along = distance(now.centre, before.centre);
    if (Math.max(apart, along) < SLOP) return [];
    this.#state = apart > along ? "pinching" : "scrolling";
    return this.#together(before);
  }

  #together(before: Span): GestureAction[] {
    const now = this.#span();
    if (this.#state === "scrolling") {
      return [{ type: "scroll", by: difference(now.centre, before.centre) }];
    }
    const factor = before.distance > 0 ? now.distance / before.distance : 1;
    return [{ type: "pinch", factor, from: before.centre, to: now.centre }];
  }

  #up(id: number, timeMs: number): GestureAction[] {
    const finger = this.#fingers.get(id);
    if (!finger) return [];
    if (this.#fingers.size === this.#most) this.#centre = this.#span().centre;
    this.#fingers.delete(id);
    const actions = this.#lifted(id, finger, timeMs);
    if (this.#fingers.size === 0) this.#reset();
    return actions;
  }

  #lifted(id: number, finger: Finger, timeMs: number): GestureAction[] {
    switch (this.#state) {
      case "one":
        return this.#tapped(finger.start, timeMs);
      case "dragging":
      case "gliding":
        return id === this.#leader ? this.#finish() : [];
      case "several":
        return this.#fingers.size === 0 ? this.#tappedBySeveral(timeMs) : [];
      case "scrolling":
      case "pinching":
        return this.#finish();
      case "idle":
      case "spent":
        return [];
    }
  }

  #tapped(at: Point, timeMs: number): GestureAction[] {
    // Programs take two clicks for a double click only if both are on nearly the same pixel.
    const place = this.#followsTap && this.#lastTap ? this.#lastTap.at : at;
    this.#lastTap = { at: place, timeMs };
    return this.#clickAt(place, LEFT);
  }

  #tappedBySeveral(timeMs: number): GestureAction[] {
    if (timeMs - this.#startMs > TAP_MS || this.#most > 3) return [];
    return this.#clickAt(this.#centre, this.#most === 3 ? MIDDLE : RIGHT);
  }

  #clickAt(at: Point, button: number): GestureAction[] {
    return this.mode === "direct" ? [{ type: "point", at }, ...click(button)] : click(button);
  }

  #cancel(id: number): GestureAction[] {
    if (!this.#fingers.delete(id)) return [];
    const disturbs = id === this.#leader || this.#state !== "dragging";
    const actions = disturbs ? this.#finish() : [];
    if (this.#fingers.size === 0) this.#reset();
    return actions;
  }

  /** What was under way is over; the fingers that are left do nothing more. */
  #finish(): GestureAction[] {
    const actions = this.#state === "dragging" ? [release(LEFT)] : [];
    this.#state = "spent";
    return actions;
  }

  #reset(): void {
    this.#state = "idle";
    this.#most = 0;
  }

  #isNearLastTap(at: Point, timeMs: number): boolean {
    if (!this.#lastTap || timeMs - this.#lastTap.timeMs > DOUBLE_TAP_MS) return false;
    return distance(at, this.#lastTap.at) <= DOUBLE_TAP_DISTANCE;
  }

  #span(): Span {
    return spanOf([...this.#fingers.values()].map(({ at }) => at));
  }
}

interface Span {
  centre: Point;
  /** Between the first two fingers. */
  distance: number;
}

function spanOf(points: Point[]): Span {
  const mean = (axis: keyof Point) =>
    points.reduce((sum, point) => sum + point[axis], 0) / Math.max(1, points.length);
  const [first, second] = points;
  return {
    centre: { x: mean("x"), y: mean("y") },
    distance: first && second ? distance(first, second) : 0,
  };
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

function difference(a: Point, b: Point): Point {
  return { x: a.x - b.x, y: a.y - b.y };
}

function press(button: number): GestureAction {
  return { type: "button", button, down: true };
}

function release(button: number): GestureAction {
  return { type: "button", button, down: false };
}

function click(button: number): GestureAction[] {
  return [press(button), release(button)];
}
