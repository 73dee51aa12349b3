// Named pointers of the others, over the picture and never in it.

import { colourOf } from "../core/people.js";
import { OthersPointers } from "../core/pointers.js";
import type { PersonHere, PersonPointer, ViewerId } from "../core/protocol.js";
import type { View } from "../core/view.js";
import { element } from "./html.js";

const SVG = "http://www.w3.org/2000/svg";

export class OthersPointersView {
  readonly view = element("div", { className: "others", ariaHidden: "true" });
  readonly #desktop: View;
  readonly #pointers = new OthersPointers();
  readonly #drawn = new Map<ViewerId, HTMLElement>();
  #names = new Map<ViewerId, string>();
  #you: ViewerId | null = null;
  #timer = 0;

  constructor(desktop: View) {
    this.#desktop = desktop;
  }

  people(you: ViewerId, here: readonly PersonHere[]): void {
    this.#you = you;
    this.#names = new Map(here.map(({ viewer, name }) => [viewer, name]));
    this.#pointers.keep(new Set(this.#names.keys()));
    this.draw();
  }

  moved(pointers: readonly PersonPointer[]): void {
    const known = pointers.filter(({ viewer }) => this.#names.has(viewer));
    this.#pointers.moved(known, this.#you, performance.now());
    this.draw();
  }

  /** Places them again: they or the picture have moved. */
  draw(): void {
    const visible = this.#pointers.visible(performance.now());
    const shown = new Set(visible.map(({ viewer }) => viewer));
    for (const [viewer, drawn] of this.#drawn) {
      if (shown.has(viewer)) continue;
      drawn.remove();
      this.#drawn.delete(viewer);
    }
    for (const pointer of visible) this.#place(pointer);
    this.#drawAgain();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.view.remove();
  }

  #place({ viewer, x, y }: PersonPointer): void {
    const { picture, desktop } = this.#desktop;
    if (desktop.width === 0 || desktop.height === 0) return;
    const left = picture.x + ((x + 0.5) * picture.width) / desktop.width;
    const top = picture.y + ((y + 0.5) * picture.height) / desktop.height;
    const drawn = this.#drawn.get(viewer) ?? this.#add(viewer);
    drawn.style.transform = `translate(${left}px, ${top}px)`;
  }

  #add(viewer: ViewerId): HTMLElement {
    const name = element("bdi", {}, this.#names.get(viewer) ?? "");
    const drawn = element("div", { className: "other" }, arrow(), name);
    drawn.dataset["viewer"] = String(viewer);
    drawn.style.setProperty("--person", colourOf(viewer));
    this.#drawn.set(viewer, drawn);
    this.view.append(drawn);
    return drawn;
  }

  #drawAgain(): void {
    clearTimeout(this.#timer);
    const { nextMs } = this.#pointers;
    if (nextMs === null) return;
    this.#timer = window.setTimeout(() => this.draw(), Math.max(0, nextMs - performance.now()) + 1);
  }
}

function arrow(): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", "M1 1l5 13 2.2-5.6L14 6z");
  svg.append(path);
  return svg;
}
