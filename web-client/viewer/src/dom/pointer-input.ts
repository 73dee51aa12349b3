// Reads mouse, pen and touch from the surface over the picture.

import type { Point } from "../core/layout.js";
import { PointerMoves, buttonChanges } from "../core/pointer.js";
import type { ClientMessage, PointerMove } from "../core/protocol.js";
import { Wheel } from "../core/wheel.js";
import { listenOn } from "./listen.js";

const REPEAT_AFTER_MS = 60;

export interface PointerEvents {
  send(message: ClientMessage): void;
  sendMove(move: PointerMove): void;
  /** The desktop's pixel at a point of the browser's window. */
  locate(client: Point): Point;
  pressed(event: PointerEvent): void;
}

export class PointerInput {
  readonly #moves = new PointerMoves();
  readonly #wheel = new Wheel();
  readonly #surface: HTMLElement;
  readonly #events: PointerEvents;
  readonly #listeners = new AbortController();
  #buttons = 0;
  #repeatTimer = 0;

  constructor(surface: HTMLElement, events: PointerEvents) {
    this.#surface = surface;
    this.#events = events;
    const listen = listenOn(surface, this.#listeners.signal);
    listen("pointerdown", (event) => this.#down(event));
    listen("pointermove", (event) => this.#move(event));
    listen("pointerup", (event) => this.#move(event));
    listen("pointercancel", (event) => this.#press(event, 0));
    // Chromium's movement before it is aligned with the screen's frames.
    listen("pointerrawupdate", (event) => this.#rawMove(event as PointerEvent));
    listen("wheel", (event) => this.#turn(event));
    // Menus, autoscroll, the history buttons and dragging of the picture.
    for (const type of ["contextmenu", "mousedown", "mouseup", "auxclick", "dragstart"] as const) {
      listen(type, (event) => event.preventDefault());
    }
  }

  close(): void {
    clearTimeout(this.#repeatTimer);
    this.#listeners.abort();
  }

  #down(event: PointerEvent): void {
    // A drag that leaves the window still ends on the desktop.
    this.#surface.setPointerCapture(event.pointerId);
    this.#events.pressed(event);
    this.#move(event);
  }

  #move(event: PointerEvent): void {
    const latest = event.getCoalescedEvents?.().at(-1) ?? event;
    this.#sendMove(this.#moves.settled(this.#locate(latest), event.timeStamp));
    this.#press(event, event.buttons);
  }

  #rawMove(event: PointerEvent): void {
    this.#sendMove(this.#moves.intermediate(this.#locate(event), event.timeStamp));
  }

  #press(event: PointerEvent, buttons: number): void {
    const place = this.#locate(event);
    for (const change of buttonChanges(this.#buttons, buttons)) {
      this.#events.send({ type: "button", ...change, ...place });
    }
    this.#buttons = buttons;
  }

  #turn(event: WheelEvent): void {
    event.preventDefault();
    const steps = this.#wheel.turn(event);
    if (steps) this.#events.send({ type: "wheel", ...steps });
  }

  #sendMove(move: PointerMove | null): void {
    if (!move) return;
    this.#events.sendMove(move);
    clearTimeout(this.#repeatTimer);
    this.#repeatTimer = window.setTimeout(() => this.#repeat(), REPEAT_AFTER_MS);
  }

  #repeat(): void {
    const move = this.#moves.repeat();
    if (move) this.#events.sendMove(move);
  }

  #locate({ clientX, clientY }: PointerEvent): Point {
    return this.#events.locate({ x: clientX, y: clientY });
  }
}
