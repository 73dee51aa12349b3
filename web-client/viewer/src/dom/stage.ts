// The desktop that is open, above the last picture that there was.

import type { Desktop } from "./desktop.js";
import { element } from "./html.js";

export class Stage {
  /** Desktops do not mirror: places on them count from the left in every language. */
  readonly view = element("div", { className: "stage", dir: "ltr" });
  #lastPicture: HTMLElement | null = null;
  #excluded: HTMLElement | null = null;

  /** Until `desktop` has something to show, the last picture stays below it. */
  open(desktop: Desktop): void {
    const hadFocus = this.view.matches(":focus-within");
    this.view.append(desktop.view);
    if (hadFocus) desktop.focus();
    this.#excluded = null;
    this.#removeAllBut(desktop.view, this.#lastPicture);
  }

  /** The first picture of `desktop` is there. */
  showed(desktop: Desktop): void {
    this.#lastPicture = desktop.view;
    this.#removeAllBut(desktop.view);
  }

  /** Until `includeInTabOrder`, the Tab key passes the desktop by. */
  excludeFromTabOrder(): void {
    this.includeInTabOrder();
    this.#excluded = this.view.querySelector<HTMLElement>(".keyboard-sink");
    if (this.#excluded) this.#excluded.tabIndex = -1;
  }

  includeInTabOrder(): void {
    if (this.#excluded) this.#excluded.tabIndex = 0;
    this.#excluded = null;
  }

  #removeAllBut(...kept: (Element | null)[]): void {
    for (const view of [...this.view.children]) if (!kept.includes(view)) view.remove();
  }
}
