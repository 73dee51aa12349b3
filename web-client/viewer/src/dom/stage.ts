// The desktop that is open, above the last picture that there was.

import type { Desktop } from "./desktop.js";
import { element } from "./html.js";

export class Stage {
  readonly view = element("div", { className: "stage" });
  #lastPicture: HTMLElement | null = null;

  /** Until `desktop` has something to show, the last picture stays below it. */
  open(desktop: Desktop): void {
    const hadFocus = this.view.matches(":focus-within");
    this.view.append(desktop.view);
    if (hadFocus) desktop.focus();
    this.#removeAllBut(desktop.view, this.#lastPicture);
  }

  /** The first picture of `desktop` is there. */
  showed(desktop: Desktop): void {
    this.#lastPicture = desktop.view;
    this.#removeAllBut(desktop.view);
  }

  #removeAllBut(...kept: (Element | null)[]): void {
    for (const view of [...this.view.children]) if (!kept.includes(view)) view.remove();
  }
}
