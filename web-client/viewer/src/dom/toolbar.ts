// The bar at the upper edge: out of sight until the pointer or the focus comes to its grip.

import type { Path } from "../core/connection.js";
import { element } from "./html.js";
import { icon, type IconName } from "./icons.js";

export interface ToolbarActions {
  toggleFullscreen(): void;
  toggleSound(): void;
  switchPath(): void;
  toggleStats(): void;
  sendControlAltDelete(): void;
  disconnect(): void;
}

export interface ToolbarState {
  isFullscreen: boolean;
  /** `null`: this path has no sound. */
  isSoundOn: boolean | null;
  path: Path | null;
  isStatsOpen: boolean;
  canControl: boolean;
}

/** Long enough to be noticed when a desktop opens. */
const FIRST_SHOWN_MS = 4_000;

export class Toolbar {
  readonly view: HTMLElement;
  readonly #fullscreen: HTMLButtonElement;
  readonly #sound: HTMLButtonElement;
  readonly #path: HTMLButtonElement;
  readonly #stats: HTMLButtonElement;
  readonly #controlAltDelete: HTMLButtonElement;

  constructor(actions: ToolbarActions) {
    this.#fullscreen = button(actions.toggleFullscreen);
    this.#sound = button(actions.toggleSound);
    this.#path = button(actions.switchPath);
    this.#stats = button(actions.toggleStats);
    this.#controlAltDelete = button(actions.sendControlAltDelete);
    const disconnect = button(actions.disconnect);
    name(this.#controlAltDelete, "keyboard", "Send Ctrl+Alt+Del");
    name(disconnect, "disconnect", "Disconnect");
    const bar = element(
      "div",
      { className: "toolbar", role: "toolbar", ariaLabel: "Remote desktop" },
      element("slot", { name: "toolbar" }),
      this.#fullscreen,
      this.#sound,
      this.#path,
      this.#stats,
      this.#controlAltDelete,
      disconnect,
    );
    const grip = element("button", { className: "grip", ariaLabel: "Show the toolbar" });
    this.view = element("div", { className: "toolbar-edge" }, bar, grip);
  }

  update(state: ToolbarState): void {
    const { isFullscreen, isSoundOn, path, isStatsOpen, canControl } = state;
    if (isFullscreen) name(this.#fullscreen, "fullscreen-exit", "Leave full screen");
    else name(this.#fullscreen, "fullscreen", "Full screen");
    if (isSoundOn) name(this.#sound, "sound", "Turn sound off");
    else name(this.#sound, "sound-off", "Turn sound on");
    name(this.#path, "path", path === "vnc" ? "Switch to WebRTC" : "Switch to VNC");
    name(this.#stats, "stats", "Statistics");
    this.#stats.ariaPressed = String(isStatsOpen);
    this.#sound.hidden = isSoundOn === null;
    this.#path.hidden = path === null;
    this.#controlAltDelete.hidden = !canControl;
  }

  showForAMoment(): void {
    this.view.classList.add("shown");
    setTimeout(() => this.view.classList.remove("shown"), FIRST_SHOWN_MS);
  }

  focus(): void {
    this.#fullscreen.focus();
  }
}

function button(run: () => void): HTMLButtonElement {
  return element("button", { type: "button", onclick: run });
}

function name(target: HTMLButtonElement, iconName: IconName, label: string): void {
  if (target.ariaLabel === label) return;
  target.ariaLabel = label;
  target.title = label;
  target.replaceChildren(icon(iconName));
}
