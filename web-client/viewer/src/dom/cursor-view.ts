// The shape of the desktop's pointer: the browser draws it under a mouse, and we elsewhere.

import type { Point } from "../core/layout.js";
import type { Cursor } from "../core/protocol.js";
import { cursorStyle } from "./cursor-style.js";

export class CursorView {
  readonly view = document.createElement("div");
  readonly #surface: HTMLElement;

  constructor(surface: HTMLElement) {
    this.#surface = surface;
    this.view.className = "drawn-cursor";
    this.view.hidden = true;
  }

  shape(cursor: Cursor): void {
    const style = cursorStyle(cursor);
    this.#surface.style.cursor = style;
    const image = /^url\([^)]*\)/.exec(style)?.[0];
    this.view.classList.toggle("shaped", image !== undefined || style === "none");
    Object.assign(this.view.style, {
      backgroundImage: image ?? "",
      width: image ? `${cursor.width}px` : "",
      height: image ? `${cursor.height}px` : "",
      marginLeft: image ? `${-cursor.hotspotX}px` : "",
      marginTop: image ? `${-cursor.hotspotY}px` : "",
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
