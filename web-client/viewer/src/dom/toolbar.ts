// The bar at the upper edge: out of sight until the pointer or the focus comes to its grip.

import { LEAVE_CHORD } from "../core/keyboard.js";
import type { Language } from "../core/language.js";
import { phrase } from "../core/texts.js";
import { RARE_ACTIONS, TOOLBAR_ACTIONS, toolbarFaces } from "../core/toolbar.js";
import type { Face, ToolbarAction, ToolbarState } from "../core/toolbar.js";
import { element } from "./html.js";
import { icon } from "./icons.js";
import { RovingFocus } from "./roving-focus.js";

export interface ToolbarEvents {
  run(action: ToolbarAction): void;
  /** Escape was pressed. */
  left(): void;
}

/** Long enough to be noticed when a desktop opens. */
const FIRST_SHOWN_MS = 4_000;

export class Toolbar {
  readonly view: HTMLElement;
  readonly #bar: HTMLElement;
  readonly #grip = element("button", { type: "button", className: "grip" });
  readonly #hint = element("p", { className: "hint" });
  readonly #more = button(() => this.#toggleMore());
  readonly #slot = element("slot", { name: "toolbar" });
  readonly #buttons: ReadonlyMap<ToolbarAction, HTMLButtonElement>;
  readonly #focus: RovingFocus;
  #timer = 0;

  constructor(events: ToolbarEvents) {
    this.#buttons = new Map(
      TOOLBAR_ACTIONS.map((action) => [action, button(() => events.run(action))]),
    );
    this.#bar = element("div", { className: "toolbar", role: "toolbar" }, this.#slot);
    this.#bar.part.add("toolbar");
    for (const action of RARE_ACTIONS) this.#buttons.get(action)?.classList.add("rare");
    this.#more.className = "more";
    this.#more.dataset["icon"] = "more";
    this.#more.append(icon("more"));
    this.#bar.append(...this.#buttons.values());
    this.#buttons.get("disconnect")?.before(this.#more);
    this.#showRare("seldom");
    this.#focus = new RovingFocus(this.#bar, () => this.#items());
    this.#slot.addEventListener("slotchange", () => this.#focus.refresh());
    this.#grip.onclick = () => this.#toggle();
    this.view = element("div", { className: "toolbar-edge" }, this.#bar, this.#hint, this.#grip);
    this.view.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      this.#hide();
      events.left();
    });
  }

  update(state: ToolbarState, language: Language): void {
    const faces = toolbarFaces(state);
    for (const [action, button] of this.#buttons) show(button, faces[action], language);
    this.#bar.ariaLabel = language.say(phrase("controls"));
    this.#grip.ariaLabel = language.say(phrase("showControls"));
    this.#hint.textContent = language.say(phrase("leaveHint", { keys: LEAVE_CHORD }));
    const more = language.say(phrase("moreControls"));
    this.#more.ariaLabel = more;
    this.#more.title = more;
    this.#focus.refresh();
  }

  showForAMoment(): void {
    this.view.classList.add("shown");
    this.#updateGrip();
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#hide(), FIRST_SHOWN_MS);
  }

  focus(): void {
    this.#focus.focus();
  }

  #toggle(): void {
    clearTimeout(this.#timer);
    this.view.classList.toggle("shown");
    this.#updateGrip();
  }

  #toggleMore(): void {
    this.#showRare(this.#bar.classList.contains("all") ? "seldom" : "all");
    clearTimeout(this.#timer);
  }

  #showRare(which: "all" | "seldom"): void {
    this.#bar.classList.toggle("all", which === "all");
    this.#more.ariaExpanded = String(which === "all");
  }

  #hide(): void {
    this.#showRare("seldom");
    clearTimeout(this.#timer);
    this.view.classList.remove("shown");
    this.#updateGrip();
  }

  #updateGrip(): void {
    this.#grip.ariaExpanded = String(this.view.classList.contains("shown"));
  }

  #items(): HTMLElement[] {
    const buttons = [...this.#bar.querySelectorAll("button")];
    return [...(this.#slot.assignedElements() as HTMLElement[]), ...buttons];
  }
}

function button(run: () => void): HTMLButtonElement {
  return element("button", { type: "button", onclick: run });
}

function show(target: HTMLButtonElement, face: Face | null, language: Language): void {
  target.hidden = face === null;
  if (!face) return;
  const label = language.say(face.label);
  target.ariaPressed = face.isPressed === undefined ? null : String(face.isPressed);
  target.ariaLabel = label;
  target.title = label;
  // The label says the number in words; as an attribute it is read out once only.
  if (face.badge === undefined) delete target.dataset["badge"];
  else target.dataset["badge"] = face.badge > 99 ? "99+" : String(face.badge);
  if (target.dataset["icon"] === face.icon) return;
  target.dataset["icon"] = face.icon;
  target.replaceChildren(icon(face.icon));
}
