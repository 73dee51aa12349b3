// What lies around the desktop: toolbar, statistics, soft keys, status and notices.

import { pathOf, type ConnectionState } from "../core/connection.js";
import type { TouchMode } from "../core/gestures.js";
import type { Language } from "../core/language.js";
import { connectionStatus, type StatusAction } from "../core/status.js";
import type { ToolbarAction } from "../core/toolbar.js";
import type { Desktop, Notice } from "./desktop.js";
import { FilesPanel } from "./files-panel.js";
import { isFullscreen, toggleFullscreen } from "./fullscreen.js";
import { KeyPanel } from "./key-panel.js";
import { canLockPointer } from "./pointer-lock.js";
import { SoundOffer } from "./sound-offer.js";
import { StatsPanel } from "./stats-panel.js";
import { StatusBar } from "./status-bar.js";
import { Toolbar } from "./toolbar.js";

export interface ControlsEvents {
  desktop(): Desktop | null;
  state(): ConnectionState;
  touch(): TouchMode;
  touchAs(mode: TouchMode): void;
  /** Gives the keyboard to the desktop. */
  focusDesktop(): void;
  switchPath(): void;
  statusAction(action: StatusAction): void;
  disconnect(): void;
}

export class Controls {
  readonly views: readonly HTMLElement[];
  readonly keys: KeyPanel;
  readonly files: FilesPanel;
  readonly sound: SoundOffer;
  readonly #host: HTMLElement;
  readonly #events: ControlsEvents;
  readonly #toolbar: Toolbar;
  readonly #stats: StatsPanel;
  readonly #status: StatusBar;
  #language: Language;

  constructor(host: HTMLElement, language: Language, events: ControlsEvents) {
    this.#host = host;
    this.#language = language;
    this.#events = events;
    this.#toolbar = new Toolbar({
      run: (action) => this.#run(action),
      left: () => events.focusDesktop(),
    });
    this.#stats = new StatsPanel(language, {
      sample: async () =>
        (await events.desktop()?.sampleStats(this.#language)) ?? { rows: [], latency: null },
      left: () => this.#leavePanel(),
    });
    this.keys = new KeyPanel(language, {
      softKeys: () => events.desktop()?.softKeys ?? null,
      toggleDeviceKeyboard: () => this.#toggleDeviceKeyboard(),
      left: () => events.focusDesktop(),
    });
    this.files = new FilesPanel(language, {
      notice: (notice) => void this.notice(notice),
      changed: () => this.update(),
      left: () => this.#leavePanel(),
    });
    this.#status = new StatusBar((action) => events.statusAction(action));
    this.sound = new SoundOffer({
      sound: () => (isOpen(events.state()) ? (events.desktop()?.sound ?? null) : null),
      notice: (notice) => this.notice(notice),
    });
    const { view: toolbar } = this.#toolbar;
    this.views = [
      this.files.dropHint,
      this.files.view,
      this.#stats.view,
      toolbar,
      this.keys.view,
      this.#status.view,
    ];
  }

  /** Says everything again. */
  speak(language: Language): void {
    this.#language = language;
    this.#stats.speak(language);
    this.keys.speak(language);
    this.files.speak(language);
    this.#status.update(connectionStatus(this.#events.state()), language);
    this.update();
  }

  /** Shows what the desktop is like now. */
  update(): void {
    const desktop = this.#events.desktop();
    const state = {
      isFullscreen: document.fullscreenEnabled ? isFullscreen(this.#host) : null,
      isSoundOn: desktop?.sound ? desktop.sound.isOn : null,
      path: pathOf(this.#events.state()),
      isStatsOpen: this.#stats.isOpen,
      areFilesOpen: desktop ? this.files.isOpen : null,
      areKeysOpen: desktop?.softKeys ? this.keys.isOpen : null,
      touch: takesTouch(desktop) ? this.#events.touch() : null,
      canLockPointer: takesPointer(desktop) && canLockPointer(),
      isWhole: desktop?.isWhole ?? true,
    };
    this.#toolbar.update(state, this.#language);
    this.keys.update(this.#language);
  }

  stateChanged(state: ConnectionState): void {
    const hadFocus = this.#host.matches(":focus-within");
    this.#status.update(connectionStatus(state), this.#language);
    if (state.name === "ended") this.#close();
    this.update();
    this.sound.update();
    if (isOpen(state)) this.#toolbar.showForAMoment();
    if (state.name === "ended" && hadFocus) this.#status.focus();
  }

  notice(notice: Notice): () => void {
    return this.#status.notice(notice, this.#language);
  }

  focus(): void {
    this.#toolbar.focus();
  }

  #close(): void {
    this.#stats.close();
    this.keys.close();
    this.files.close();
  }

  #leavePanel(): void {
    this.update();
    this.#toolbar.focus();
  }

  #toggleKeys(): void {
    this.keys.toggle();
    if (this.keys.isOpen) this.#events.focusDesktop();
    else if (matchMedia("(pointer: coarse)").matches) this.#textField?.blur();
  }

  /** The browser shows it while a text field has the focus. */
  #toggleDeviceKeyboard(): void {
    if (this.#textField) this.#textField.blur();
    else this.#events.focusDesktop();
  }

  /** What takes the text for the desktop, while it has the focus. */
  get #textField(): HTMLTextAreaElement | null {
    const active = this.#host.shadowRoot?.activeElement;
    return active instanceof HTMLTextAreaElement ? active : null;
  }

  #run(action: ToolbarAction): void {
    switch (action) {
      case "wholeDesktop":
        this.#events.desktop()?.showAll();
        break;
      case "keys":
        this.#toggleKeys();
        break;
      case "trackpad":
        this.#events.touchAs(this.#events.touch() === "direct" ? "trackpad" : "direct");
        break;
      case "lockPointer":
        return void this.#events.desktop()?.lockPointer();
      case "fullscreen":
        return void this.#toggleFullscreen();
      case "sound":
        return void this.sound.toggle();
      case "files":
        this.files.toggle();
        break;
      case "path":
        return this.#events.switchPath();
      case "stats":
        this.#stats.toggle();
        break;
      case "disconnect":
        return this.#events.disconnect();
    }
    this.update();
  }

  async #toggleFullscreen(): Promise<void> {
    await toggleFullscreen(this.#host);
    if (isFullscreen(this.#host)) this.#events.focusDesktop();
  }
}

export function isOpen(state: ConnectionState): boolean {
  return state.name === "connected-webrtc" || state.name === "vnc";
}

/** noVNC has gestures of its own. */
function takesPointer(desktop: Desktop | null): boolean {
  return desktop?.path === "webrtc" && desktop.softKeys !== null;
}

function takesTouch(desktop: Desktop | null): boolean {
  return navigator.maxTouchPoints > 0 && takesPointer(desktop);
}
