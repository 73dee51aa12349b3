// Reads mouse and pen from the surface over the picture.

import { buttonChanges } from "../core/pointer.js";
import type { ClientMessage } from "../core/protocol.js";
import { Wheel } from "../core/wheel.js";
import { listenOn } from "./listen.js";
import { isPointerLocked } from "./pointer-lock.js";
import type { RemotePointer } from "./remote-pointer.js";

export interface PointerEvents {
  send(message: ClientMessage): void;
  pressed(): void;
}

export class PointerInput {
  readonly #wheel = new Wheel();
  readonly #surface: HTMLElement;
  readonly #pointer: RemotePointer;
  readonly #events: PointerEvents;
  readonly #listeners = new AbortController();
  #buttons = 0;

  constructor(surface: HTMLElement, pointer: RemotePointer, events: PointerEvents) {
    this.#surface = surface;
    this.#pointer = pointer;
    this.#events = events;
    const listen = listenOn(surface, this.#listeners.signal);
    listen("pointerdown", (event) => isTouch(event) || this.#down(event));
    listen("pointermove", (event) => isTouch(event) || this.#move(event));
    listen("pointerup", (event) => isTouch(event) || this.#move(event));
    listen("pointercancel", (event) => isTouch(event) || this.#press(0));
    // Chromium's movement before it is aligned with the screen's frames.
    listen("pointerrawupdate", (event) => this.#rawMove(event as PointerEvent));
    listen("wheel", (event) => this.#turn(event));
    // Menus, autoscroll, the history buttons and dragging of the picture.
    for (const type of ["contextmenu", "mousedown", "mouseup", "auxclick", "dragstart"] as const) {
      listen(type, (event) => event.preventDefault());
    }
  }

  close(): void {
    this.#listeners.abort();
  }

  #down(event: PointerEvent): void {
    // A drag that leaves the window still ends on the desktop.
    if (!isPointerLocked(this.#surface)) this.#surface.setPointerCapture(event.pointerId);
    this.#events.pressed();
    this.#move(event);
  }

  #move(event: PointerEvent): void {
    if (isPointerLocked(this.#surface)) {
      this.#pointer.move({ x: event.movementX, y: event.movementY }, event.timeStamp);
    } else {
      const { clientX, clientY } = event.getCoalescedEvents?.().at(-1) ?? event;
      this.#pointer.follow({ clientX, clientY, timeStamp: event.timeStamp });
    }
    this.#press(event.buttons);
  }

  #rawMove(event: PointerEvent): void {
    if (!isTouch(event) && !isPointerLocked(this.#surface)) this.#pointer.pass(event);
  }

  #press(buttons: number): void {
    for (const { button, down } of buttonChanges(this.#buttons, buttons)) {
      this.#pointer.button(button, down);
    }
    this.#buttons = buttons;
  }

  #turn(event: WheelEvent): void {
    event.preventDefault();
    const steps = this.#wheel.turn(event);
    if (steps) this.#events.send({ type: "wheel", ...steps });
  }
}

/** `TouchInput` reads those. */
function isTouch({ pointerType }: PointerEvent): boolean {
  return pointerType === "touch";
}
