// What lies around the desktop: toolbar, statistics, soft keys, status and notices.

import { pathOf, type ConnectionState } from "../core/connection.js";
import type { TouchMode } from "../core/gestures.js";
import type { Language } from "../core/language.js";
import type { Limits } from "../core/limits.js";
import { connectionStatus, type StatusAction } from "../core/status.js";
import { phrase } from "../core/texts.js";
import type { ToolbarAction } from "../core/toolbar.js";
import { ConnectionSettings } from "./connection-settings.js";
import type { Desktop, DesktopOptions, Notice } from "./desktop.js";
import { DoctorPanel } from "./doctor-panel.js";
import { FilesPanel } from "./files-panel.js";
import { isFullscreen, toggleFullscreen } from "./fullscreen.js";
import { KeyPanel } from "./key-panel.js";
import { Microphone } from "./microphone.js";
import { canLockPointer } from "./pointer-lock.js";
import { QualityPanel } from "./quality-panel.js";
import { SoundOffer } from "./sound-offer.js";
import { StatsPanel } from "./stats-panel.js";
import { StatusBar } from "./status-bar.js";
import { Together } from "./together.js";
import { Toolbar } from "./toolbar.js";

export interface ControlsEvents {
  desktop(): Desktop | null;
  state(): ConnectionState;
  /** The session's address in the API. */
  src(): string;
  /** What a connection would be made with now. */
  options(): DesktopOptions;
  isGuest(): boolean;
  peopleChanged(): void;
  touch(): TouchMode;
  touchAs(mode: TouchMode): void;
  limits(): Limits;
  limit(limits: Limits): void;
  /** Gives the keyboard to the desktop. */
  focusDesktop(): void;
  /** The page's address for a window with the second display; `null`: it has none. */
  secondDisplaySrc(): string | null;
  switchPath(): void;
  statusAction(action: StatusAction): void;
  disconnect(): void;
}

export class Controls {
  readonly views: readonly HTMLElement[];
  readonly keys: KeyPanel;
  readonly files: FilesPanel;
  readonly sound: SoundOffer;
  readonly #microphone: Microphone;
  readonly together: Together;
  readonly #host: HTMLElement;
  readonly #events: ControlsEvents;
  readonly #toolbar: Toolbar;
  readonly #stats: StatsPanel;
  readonly #quality: QualityPanel;
  readonly #status: StatusBar;
  readonly #settings: ConnectionSettings;
  readonly #doctor: DoctorPanel;
  #language: Language;

  constructor(host: HTMLElement, language: Language, events: ControlsEvents) {
    this.#host = host;
    this.#language = language;
    this.#events = events;
    this.#toolbar = new Toolbar({
      run: (action) => this.#run(action),
      left: () => events.focusDesktop(),
    });
    this.#settings = new ConnectionSettings(() => this.examine());
    this.#doctor = new DoctorPanel(language, {
      options: () => events.options(),
      closed: () => this.#leavePanel(),
    });
    this.#stats = new StatsPanel(language, this.#settings.view, {
      sample: async () =>
        (await events.desktop()?.sampleStats(this.#language)) ?? { rows: [], latency: null },
      left: () => this.#leavePanel(),
    });
    this.#quality = new QualityPanel({
      devices: () => events.desktop()?.devices ?? null,
      vnc: () => events.desktop()?.quality ?? null,
      limits: () => events.limits(),
      limit: (limits) => events.limit(limits),
      closed: () => this.#leavePanel(),
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
    this.#status = new StatusBar(
      (action) => events.statusAction(action),
      () => this.examine(),
    );
    this.sound = new SoundOffer({
      sound: () => (isOpen(events.state()) ? (events.desktop()?.sound ?? null) : null),
      notice: (notice) => this.notice(notice),
    });
    this.#microphone = new Microphone({
      desktop: () => events.desktop(),
      changed: () => this.update(),
      notice: (notice) => void this.notice(notice),
    });
    this.together = new Together(language, {
      tell: (message) => events.desktop()?.tell(message),
      notice: (notice) => this.notice(notice),
      src: () => events.src(),
      granted: () => events.desktop()?.granted ?? "view",
      isGuest: () => events.isGuest(),
      changed: () => this.#peopleChanged(),
      left: () => this.#leavePanel(),
    });
    const { view: toolbar } = this.#toolbar;
    const files = [this.files.dropHint, this.files.view];
    const panels = [...files, this.#stats.view, this.#quality.panel.view, this.#doctor.panel.view];
    const bars = [toolbar, this.keys.view, this.#status.view];
    this.views = [...panels, ...this.together.views, ...bars];
  }

  /** Says everything again. */
  speak(language: Language): void {
    this.#language = language;
    this.#stats.speak(language);
    this.#quality.speak(language);
    this.together.speak(language);
    this.#doctor.speak(language);
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
      isMicrophoneOn: desktop?.speak ? this.#microphone.isOn : null,
      path: pathOf(this.#events.state()),
      canSwitchPath: desktop?.hasVnc ?? true,
      isStatsOpen: this.#stats.isOpen,
      isQualityOpen: desktop ? this.#quality.panel.isOpen : null,
      areFilesOpen: desktop ? this.files.isOpen : null,
      areKeysOpen: desktop?.softKeys ? this.keys.isOpen : null,
      touch: takesTouch(desktop) ? this.#events.touch() : null,
      canLockPointer: takesPointer(desktop) && canLockPointer(),
      canOpenSecondDisplay: takesPointer(desktop) && this.#events.secondDisplaySrc() !== null,
      isWhole: desktop?.isWhole ?? true,
      people: this.together.state,
    };
    this.#toolbar.update(state, this.#language);
    this.keys.update(this.#language);
    this.#settings.update(this.#language);
    this.#quality.speak(this.#language);
  }

  /** Finds out what stands in the way. */
  examine(): void {
    this.#closePanels();
    this.#doctor.open();
    this.update();
  }

  stateChanged(state: ConnectionState): void {
    const hadFocus = this.#host.matches(":focus-within");
    this.#status.update(connectionStatus(state), this.#language);
    if (state.name === "ended") this.#close();
    this.update();
    this.sound.update();
    if (isOpen(state)) this.#microphone.desktopChanged();
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
    this.#closePanels();
    this.#microphone.turnOff();
    this.keys.close();
  }

  /** One panel at a time: all but the one that is about to open or close by itself. */
  #closePanels(but: { close(): void } | null = null): void {
    for (const panel of [this.files, this.#stats, this.#quality, this.#doctor, this.together]) {
      if (panel !== but) panel.close();
    }
  }

  #peopleChanged(): void {
    this.#microphone.desktopChanged();
    this.update();
    this.#events.peopleChanged();
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
      case "secondDisplay":
        return this.#openSecondDisplay();
      case "sound":
        return void this.sound.toggle();
      case "microphone":
        return this.#microphone.toggle();
      case "files":
        this.#closePanels(this.files);
        this.files.toggle();
        break;
      case "path":
        return this.#events.switchPath();
      case "quality":
        this.#closePanels(this.#quality);
        this.#quality.toggle(this.#language);
        break;
      case "people":
        this.#closePanels(this.together);
        this.together.togglePeople();
        break;
      case "chat":
        this.#closePanels(this.together);
        this.together.toggleChat();
        break;
      case "stats":
        this.#closePanels(this.#stats);
        this.#stats.toggle();
        break;
      case "disconnect":
        return this.#events.disconnect();
    }
    this.update();
  }

  /** The same window again, where it is open already. */
  #openSecondDisplay(): void {
    const src = this.#events.secondDisplaySrc();
    const shown =
      src !== null && window.open(src, `second-display-of-${this.#events.src()}`, "popup");
    if (!shown) this.notice({ text: phrase("windowBlocked") });
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
