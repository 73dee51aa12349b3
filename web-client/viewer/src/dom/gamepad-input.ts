// Reads gamepads while there are any: browsers tell of their coming and going, and no more.

import { Gamepads } from "../core/gamepads.js";
import type { ClientMessage } from "../core/protocol.js";

export interface GamepadEvents {
  send(message: ClientMessage): void;
  /** One was plugged in, or used for the first time. */
  plugged(): void;
}

export class GamepadInput {
  readonly #gamepads = new Gamepads();
  readonly #events: GamepadEvents;
  readonly #listeners = new AbortController();
  #frame = 0;

  constructor(events: GamepadEvents) {
    this.#events = events;
    const { signal } = this.#listeners;
    window.addEventListener("gamepadconnected", () => this.#plugged(), { signal });
    window.addEventListener("gamepaddisconnected", () => this.#look(), { signal });
    if (padsThere().some((pad) => pad !== null)) this.#plugged();
  }

  close(): void {
    cancelAnimationFrame(this.#frame);
    this.#listeners.abort();
  }

  #plugged(): void {
    this.#events.plugged();
    this.#look();
  }

  /** At the rate at which games look, while somebody sees the page. */
  #look(): void {
    cancelAnimationFrame(this.#frame);
    // Games of another page are not played from here.
    const pads = document.hasFocus() ? padsThere() : [];
    for (const message of this.#gamepads.look(pads)) this.#events.send(message);
    if (padsThere().some((pad) => pad !== null)) {
      this.#frame = requestAnimationFrame(() => this.#look());
    }
  }
}

/** Pages that do not come over HTTPS, and policies of the page around, keep them from us. */
function padsThere(): (Gamepad | null)[] {
  try {
    return navigator.getGamepads();
  } catch {
    return [];
  }
}
