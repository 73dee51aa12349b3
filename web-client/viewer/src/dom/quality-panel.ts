// What the session has, and how much a person wants to be sent: limits over WebRTC, the sharpness of pictures over VNC.

import { gamepadsPhrase, webcamPhrase } from "../core/gamepads.js";
import type { Language, Saying } from "../core/language.js";
import { BITRATES, FRAME_RATES, type Limits } from "../core/limits.js";
import type { Devices } from "../core/protocol.js";
import { phrase } from "../core/texts.js";
import { choiceOf, qualityChoices } from "../core/vnc-quality.js";
import type { QualitySetting } from "./desktop.js";
import { element } from "./html.js";
import { Panel } from "./panel.js";

export interface QualityPanelEvents {
  /** `null`: the desktop comes over WebRTC. */
  vnc(): QualitySetting | null;
  devices(): Devices | null;
  limits(): Limits;
  limit(limits: Limits): void;
  /** The person has closed the panel. */
  closed(): void;
}

export class QualityPanel {
  readonly panel: Panel;
  readonly #vnc = new Choice((level) => this.#events.vnc()?.choose(Number(level)));
  readonly #data = new Choice((bps) => this.#change({ maxBps: limit(bps) }));
  readonly #frames = new Choice((rate) => this.#change({ maxFps: limit(rate) }));
  readonly #gamepads = element("p", { className: "quiet" });
  readonly #webcam = element("p", { className: "quiet" });
  readonly #events: QualityPanelEvents;

  constructor(events: QualityPanelEvents) {
    this.#events = events;
    const body = [this.#vnc.view, this.#data.view, this.#frames.view, this.#gamepads, this.#webcam];
    this.panel = new Panel("quality", body, () => events.closed());
  }

  toggle(language: Language): void {
    if (this.panel.isOpen) return this.close();
    this.speak(language);
    this.panel.open();
    (this.#events.vnc() ? this.#vnc : this.#data).focus();
  }

  close(): void {
    this.panel.close();
  }

  speak(language: Language): void {
    this.panel.speak(language, phrase("quality"));
    const devices = this.#events.devices();
    this.#gamepads.textContent = devices && language.say(gamepadsPhrase(devices));
    this.#webcam.textContent = devices && language.say(webcamPhrase(devices));
    const vnc = this.#events.vnc();
    this.#vnc.view.hidden = vnc === null;
    this.#data.view.hidden = this.#frames.view.hidden = vnc !== null;
    if (vnc) {
      const choices = qualityChoices(vnc.max);
      const options = choices.map(({ level, name }) => [String(level), name] as const);
      const chosen = String(choiceOf(vnc.level, vnc.max));
      return this.#vnc.speak(language, phrase("vncQuality"), options, chosen);
    }
    const { maxBps, maxFps } = this.#events.limits();
    const data = limits(BITRATES, megabits, maxBps);
    this.#data.speak(language, phrase("mostData"), data, String(maxBps ?? ""));
    const rates = limits(FRAME_RATES, frames, maxFps);
    this.#frames.speak(language, phrase("mostFrames"), rates, String(maxFps ?? ""));
  }

  #change(part: Partial<Limits>): void {
    this.#events.limit({ ...this.#events.limits(), ...part });
  }
}

type Option = readonly [value: string, name: Saying];

/** One of some values. */
class Choice {
  readonly view: HTMLElement;
  readonly #name = element("span", {});
  readonly #select = element("select", {});

  constructor(choose: (value: string) => void) {
    this.#select.onchange = () => choose(this.#select.value);
    this.view = element("label", { className: "field" }, this.#name, this.#select);
  }

  focus(): void {
    this.#select.focus();
  }

  speak(language: Language, name: Saying, options: readonly Option[], chosen: string): void {
    this.#name.textContent = language.say(name);
    this.#select.replaceChildren(
      ...options.map(([value, text]) => element("option", { value }, language.say(text))),
    );
    this.#select.value = chosen;
  }
}

/** The limits to choose from, none first; what an attribute has set may be none of ours. */
function limits(
  ours: readonly number[],
  words: (value: number) => Saying,
  chosen: number | null,
): Option[] {
  const values = chosen === null || ours.includes(chosen) ? ours : [...ours, chosen];
  const named = values.map((value) => [String(value), words(value)] as const);
  return [["", phrase("automatic")], ...named];
}

function limit(value: string): number | null {
  return value === "" ? null : Number(value);
}

function megabits(bps: number): Saying {
  return phrase("megabitsPerSecond", { count: Math.round(bps / 1e5) / 10 });
}

function frames(rate: number): Saying {
  return phrase("framesPerSecond", { rate });
}
