// Gamepads of the browser, as messages: the whole state of each, whenever it is another one.

import type { Phrase } from "./language.js";
import type { ClientMessage, Devices, DeviceSupport, GamepadState } from "./protocol.js";
import { phrase } from "./texts.js";

/** What browsers tell of a gamepad. */
export interface GamepadSnapshot {
  readonly index: number;
  readonly buttons: readonly { readonly pressed: boolean; readonly value: number }[];
  readonly axes: readonly number[];
}

/** As many as a session has. */
export const MAX_GAMEPADS = 4;
const BUTTONS = 17;
const TRIGGERS = [6, 7] as const;

export class Gamepads {
  readonly #told = new Map<number, string>();

  /** What is to be said of these, which are all that there are. */
  look(pads: readonly (GamepadSnapshot | null)[]): ClientMessage[] {
    const messages: ClientMessage[] = [];
    const there = pads.filter((pad) => pad !== null && pad.index < MAX_GAMEPADS);
    for (const pad of there as GamepadSnapshot[]) {
      const state = gamepadState(pad);
      const told = JSON.stringify(state);
      if (this.#told.get(pad.index) === told) continue;
      this.#told.set(pad.index, told);
      messages.push({ type: "gamepad", pad: pad.index, state });
    }
    for (const index of [...this.#told.keys()]) {
      if (there.some((pad) => pad?.index === index)) continue;
      this.#told.delete(index);
      messages.push({ type: "gamepad", pad: index });
    }
    return messages;
  }
}

function gamepadState({ buttons, axes }: GamepadSnapshot): GamepadState {
  const pressed = buttons
    .slice(0, BUTTONS)
    .map((button, place) => (button.pressed ? 1 << place : 0));
  return {
    buttons: pressed.reduce((all, bit) => all | bit, 0),
    axes: [stick(axes[0]), stick(axes[1]), stick(axes[2]), stick(axes[3])],
    triggers: [trigger(buttons[TRIGGERS[0]]?.value), trigger(buttons[TRIGGERS[1]]?.value)],
  };
}

function stick(pushed = 0): number {
  return Math.max(-32768, Math.min(Math.round((Number(pushed) || 0) * 32767), 32767));
}

function trigger(pulled = 0): number {
  return Math.max(0, Math.min(Math.round((Number(pulled) || 0) * 255), 255));
}

const GAMEPADS: Readonly<Record<DeviceSupport, Phrase>> = {
  ready: phrase("gamepadsReady"),
  unused: phrase("gamepadsReady"),
  missing: phrase("gamepadsMissing"),
  denied: phrase("gamepadsDenied"),
};

/** What there is to say of the session's gamepads. */
export function gamepadsPhrase({ gamepads }: Devices): Phrase {
  return GAMEPADS[gamepads];
}

/** What there is to say of its webcam. */
export function webcamPhrase({ webcam }: Devices): Phrase {
  return phrase(webcam === "missing" ? "webcamMissing" : "webcamUnused");
}
