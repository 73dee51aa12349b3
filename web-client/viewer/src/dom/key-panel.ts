// Keys on the screen, along its lower edge.

import { FIRST_ROW, SECOND_ROW, type PanelKey } from "../core/key-panel.js";
import type { Language, Phrase, Saying } from "../core/language.js";
import type { Modifier, ModifierState, SoftKeys } from "../core/soft-keys.js";
import { phrase } from "../core/texts.js";
import { element } from "./html.js";
import { icon } from "./icons.js";
import { RovingFocus } from "./roving-focus.js";

export interface KeyPanelEvents {
  softKeys(): SoftKeys | null;
  /** Shows the device's own keyboard, or hides it. */
  toggleDeviceKeyboard(): void;
  /** Escape was pressed on a button of the panel. */
  left(): void;
}

const PRESSED: Readonly<Record<ModifierState, string>> = {
  up: "false",
  latched: "mixed",
  locked: "true",
};

export class KeyPanel {
  /** Keyboards do not mirror. */
  readonly view = element("div", { className: "keys", role: "toolbar", hidden: true, dir: "ltr" });
  readonly #events: KeyPanelEvents;
  readonly #focus: RovingFocus;
  readonly #modifiers = new Map<Modifier, HTMLButtonElement>();

  constructor(language: Language, events: KeyPanelEvents) {
    this.#events = events;
    this.view.part.add("keys");
    this.#focus = new RovingFocus(this.view, () => [...this.view.querySelectorAll("button")]);
    // The desktop keeps the focus, and a phone its keyboard.
    this.view.addEventListener("mousedown", (event) => event.preventDefault());
    this.view.addEventListener("keydown", ({ key }) => key === "Escape" && events.left());
    this.speak(language);
  }

  get isOpen(): boolean {
    return !this.view.hidden;
  }

  toggle(): void {
    this.view.hidden = !this.view.hidden;
  }

  close(): void {
    this.view.hidden = true;
  }

  speak(language: Language): void {
    this.view.ariaLabel = language.say(phrase("onScreenKeys"));
    const device = this.#deviceKeyboard(language);
    this.view.replaceChildren(
      this.#row(FIRST_ROW, language, device),
      this.#row(SECOND_ROW, language),
    );
    this.#focus.refresh();
    this.update(language);
  }

  /** Shows which modifiers are down. */
  update(language: Language): void {
    for (const [modifier, button] of this.#modifiers) {
      const state = this.#events.softKeys()?.state(modifier) ?? "up";
      button.ariaPressed = PRESSED[state];
      button.ariaLabel = language.say(nameOf(modifier, state));
    }
  }

  #row(keys: readonly PanelKey[], language: Language, ...first: HTMLElement[]): HTMLElement {
    const buttons = keys.map((key) => this.#button(key, language));
    return element("div", { className: "key-row" }, ...first, ...buttons);
  }

  #button(key: PanelKey, language: Language): HTMLButtonElement {
    const say = (name: Saying) => language.say(name);
    switch (key.type) {
      case "modifier": {
        const { modifier, name } = key;
        const tap = () => this.#events.softKeys()?.tapModifier(modifier);
        const created = keyButton(say(name), say(name), tap);
        this.#modifiers.set(modifier, created);
        return created;
      }
      case "key":
        return keyButton(key.sign ?? say(key.name), say(key.name), () =>
          this.#events.softKeys()?.tap(key.key),
        );
      case "chord": {
        const label = key.names.map(say).join("+");
        return keyButton(label, label, () => this.#events.softKeys()?.chord(key.keys));
      }
    }
  }

  #deviceKeyboard(language: Language): HTMLButtonElement {
    const label = language.say(phrase("deviceKeyboard"));
    const created = keyButton("", label, () => this.#events.toggleDeviceKeyboard());
    created.classList.add("device-keyboard");
    created.title = label;
    created.append(icon("keys"));
    return created;
  }
}

function nameOf(modifier: Modifier, state: ModifierState): Phrase {
  const key = phrase(modifier);
  if (state === "up") return key;
  return phrase(state === "latched" ? "keyLatched" : "keyLocked", { key });
}

function keyButton(text: string, ariaLabel: string, onclick: () => void): HTMLButtonElement {
  return element("button", { type: "button", className: "key", ariaLabel, onclick }, text);
}
