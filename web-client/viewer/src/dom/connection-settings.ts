// Below the figures: VNC's quality, and the way to the connection doctor.

import type { Language } from "../core/language.js";
import { phrase } from "../core/texts.js";
import { choiceOf, qualityChoices } from "../core/vnc-quality.js";
import type { QualitySetting } from "./desktop.js";
import { element } from "./html.js";

export interface ConnectionSettingsEvents {
  quality(): QualitySetting | null;
  examine(): void;
}

export class ConnectionSettings {
  readonly view = element("div", { className: "settings" });
  readonly #events: ConnectionSettingsEvents;
  readonly #name = element("span", {});
  readonly #choice = element("select", {});
  readonly #quality = element(
    "label",
    { className: "field", hidden: true },
    this.#name,
    this.#choice,
  );
  readonly #examine = element("button", { type: "button", className: "action" });

  constructor(events: ConnectionSettingsEvents) {
    this.#events = events;
    this.#choice.onchange = () => events.quality()?.choose(Number(this.#choice.value));
    this.#examine.onclick = () => events.examine();
    this.view.append(this.#quality, this.#examine);
  }

  update(language: Language): void {
    this.#examine.textContent = language.say(phrase("checkConnection"));
    this.#name.textContent = language.say(phrase("vncQuality"));
    const setting = this.#events.quality();
    this.#quality.hidden = setting === null;
    if (!setting) return;
    const options = qualityChoices(setting.max).map(({ level, name }) =>
      element("option", { value: String(level) }, language.say(name)),
    );
    this.#choice.replaceChildren(...options);
    this.#choice.value = String(choiceOf(setting.level, setting.max));
  }
}
