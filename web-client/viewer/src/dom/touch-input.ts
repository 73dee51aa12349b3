// Reads fingers from the surface over the picture.

import { Gestures, type GestureAction, type TouchMode } from "../core/gestures.js";
import type { Point } from "../core/layout.js";
import type { ClientMessage } from "../core/protocol.js";
import { Wheel } from "../core/wheel.js";
import { listenOn } from "./listen.js";
import type { RemotePointer } from "./remote-pointer.js";

export interface TouchEvents {
  send(message: ClientMessage): void;
  pinched(factor: number, from: Point, to: Point): void;
  /** No finger is left on the surface. */
  lifted(): void;
}

export class TouchInput {
  readonly #gestures = new Gestures();
  readonly #wheel = new Wheel();
  readonly #surface: HTMLElement;
  readonly #pointer: RemotePointer;
  readonly #events: TouchEvents;
  readonly #listeners = new AbortController();
  readonly #fingers = new Set<number>();
  #timer = 0;

  constructor(surface: HTMLElement, pointer: RemotePointer, events: TouchEvents) {
    this.#surface = surface;
    this.#pointer = pointer;
    this.#events = events;
    const listen = listenOn(surface, this.#listeners.signal);
    for (const type of ["pointerdown", "pointermove", "pointerup", "pointercancel"] as const) {
      listen(type, (event) => event.pointerType === "touch" && this.#handle(event));
    }
  }

  set mode(mode: TouchMode) {
    this.#gestures.mode = mode;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#listeners.abort();
  }

  #handle(event: PointerEvent): void {
    const { pointerId: id, timeStamp: timeMs } = event;
    const at = this.#pointer.onSurface(event);
    switch (event.type) {
      case "pointerdown":
        this.#surface.setPointerCapture(id);
        this.#fingers.add(id);
        return this.#perform(this.#gestures.handle({ type: "down", id, at, timeMs }), timeMs);
      case "pointermove":
        return this.#perform(this.#gestures.handle({ type: "move", id, at, timeMs }), timeMs);
      case "pointerup":
        this.#perform(this.#gestures.handle({ type: "up", id, at, timeMs }), timeMs);
        return this.#lift(id);
      case "pointercancel":
        this.#perform(this.#gestures.handle({ type: "cancel", id }), timeMs);
        return this.#lift(id);
    }
  }

  #lift(id: number): void {
    this.#fingers.delete(id);
    if (this.#fingers.size === 0) this.#events.lifted();
  }

  #perform(actions: GestureAction[], timeMs: number): void {
    for (const action of actions) this.#act(action, timeMs);
  }

  #act(action: GestureAction, timeMs: number): void {
    switch (action.type) {
      case "point":
        return this.#pointer.pointAt(action.at, timeMs);
      case "glide":
        return this.#pointer.glide(action.by, timeMs);
      case "button":
        return this.#pointer.button(action.button, action.down);
      case "scroll":
        return this.#scroll(action.by);
      case "pinch":
        return this.#events.pinched(action.factor, action.from, action.to);
      case "wait":
        clearTimeout(this.#timer);
        this.#timer = window.setTimeout(() => this.#held(), action.ms);
    }
  }

  #held(): void {
    // A tap on the hand, where the device has that, says that the finger has done something.
    const actions = this.#gestures.handle({ type: "timer" });
    if (actions.length > 0) navigator.vibrate?.(10);
    this.#perform(actions, performance.now());
  }

  /** What is under the fingers goes with them, so the wheel turns the other way. */
  #scroll({ x, y }: Point): void {
    const steps = this.#wheel.turn({ deltaX: -x, deltaY: -y, deltaMode: 0 });
    if (steps) this.#events.send({ type: "wheel", ...steps });
  }
}
