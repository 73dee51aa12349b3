// The shape of the desktop's pointer: the browser draws it under a mouse, and we elsewhere.

import type { Point } from "../core/layout.js";
import type { Cursor } from "../core/protocol.js";
import { cursorStyle } from "./cursor-style.js";

export class CursorView {
  readonly view = document.createElement("div");
  readonly #surface: HTMLElement;
  #isInvisible = false;

  constructor(surface: HTMLElement) {
    this.#surface = surface;
    this.view.className = "drawn-cursor";
    this.view.hidden = true;
  }

  /** Whether the desktop shows no pointer at all. */
  get isInvisible(): boolean {
    return this.#isInvisible;
  }

  /** `density`: how many of its pixels a CSS pixel is. */
  shape(cursor: Cursor, density: number): void {
    const style = cursorStyle(cursor, density);
    this.#isInvisible = style === "none";
    this.#surface.style.cursor = style;
    const image = /^(?:image-set\()?url\([^)]*\)(?: [^ ]*x\))?/.exec(style)?.[0];
    this.view.classList.toggle("shaped", image !== undefined || this.#isInvisible);
    const length = (pixels: number) => (image ? `${pixels / density}px` : "");
    Object.assign(this.view.style, {
      backgroundImage: image ?? "",
      width: length(cursor.width),
      height: length(cursor.height),
      marginLeft: length(-cursor.hotspotX),
      marginTop: length(-cursor.hotspotY),
    });
  }

  show(): void {
    this.view.hidden = false;
  }

  /** Where it is on the surface, shown or not. */
  place({ x, y }: Point): void {
    this.view.style.transform = `translate(${x}px, ${y}px)`;
  }

  hide(): void {
    this.view.hidden = true;
  }
}
