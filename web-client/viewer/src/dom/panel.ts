// A panel at the corner of the desktop: a title, a way to close it, and what it holds.

import type { Language, Phrase } from "../core/language.js";
import { phrase } from "../core/texts.js";
import { element } from "./html.js";

export class Panel {
  readonly view: HTMLElement;
  readonly #title = element("h2", { className: "panel-title" });
  readonly #close: HTMLButtonElement;
  readonly #closed: () => void;

  /** `closed`: the person has closed it, by its button or with Escape. */
  constructor(name: string, body: HTMLElement[], closed: () => void) {
    this.#closed = closed;
    this.#close = element("button", { type: "button", className: "dismiss" }, "×");
    this.#close.onclick = () => this.#dismiss();
    const head = element("div", { className: "panel-head" }, this.#title, this.#close);
    this.view = element(
      "section",
      { className: `panel ${name}-panel`, hidden: true },
      head,
      ...body,
    );
    this.view.part.add(name);
    this.view.addEventListener("keydown", (event) => {
      // What is typed here is not for the page around.
      event.stopPropagation();
      if (event.key === "Escape" && !event.isComposing) this.#dismiss();
    });
  }

  get isOpen(): boolean {
    return !this.view.hidden;
  }

  speak(language: Language, title: Phrase): void {
    const text = language.say(title);
    this.#title.textContent = text;
    this.view.ariaLabel = text;
    this.#close.ariaLabel = language.say(phrase("close"));
  }

  open(): void {
    this.view.hidden = false;
  }

  close(): void {
    this.view.hidden = true;
  }

  focus(): void {
    this.#close.focus();
  }

  #dismiss(): void {
    this.close();
    this.#closed();
  }
}
