// Below the figures: the way to the connection doctor.

import type { Language } from "../core/language.js";
import { phrase } from "../core/texts.js";
import { element } from "./html.js";

export class ConnectionSettings {
  readonly view = element("div", { className: "settings" });
  readonly #examine = element("button", { type: "button", className: "action" });

  constructor(examine: () => void) {
    this.#examine.onclick = examine;
    this.view.append(this.#examine);
  }

  update(language: Language): void {
    this.#examine.textContent = language.say(phrase("checkConnection"));
  }
}
