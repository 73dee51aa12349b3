// <streamspace-viewer>: a session's desktop on a page.

import { pathOf, type ConnectionState, type PathPreference } from "../core/connection.js";
import { connectionStatus, type StatusAction } from "../core/status.js";
import type { Desktop, DesktopOptions } from "./desktop.js";
import { onNetworkChange } from "./network-change.js";
import type { DecoderPreference } from "./picture.js";
import { Stage } from "./stage.js";
import { StatsPanel } from "./stats-panel.js";
import { StatusBar } from "./status-bar.js";
import { styleSheet } from "./styles.js";
import { Toolbar } from "./toolbar.js";
import { Viewer } from "./viewer.js";

export class StreamspaceViewer extends HTMLElement {
  static readonly observedAttributes = ["src", "path", "decoder"];

  readonly #stage = new Stage();
  readonly #status = new StatusBar((action) => this.#runAction(action));
  readonly #stats = new StatsPanel(
    async () => (await this.#viewer.desktop?.sampleStats()) ?? { rows: [], latency: null },
  );
  readonly #toolbar = new Toolbar({
    toggleFullscreen: () => void this.#toggleFullscreen(),
    toggleSound: () => void this.#toggleSound(),
    switchPath: () => this.#viewer.connect(pathOf(this.#viewer.state) === "vnc" ? "webrtc" : "vnc"),
    toggleStats: () => this.#toggleStats(),
    sendControlAltDelete: () => this.#viewer.desktop?.sendControlAltDelete(),
    disconnect: () => this.disconnect(),
  });
  readonly #viewer = new Viewer(() => this.#options(), {
    stateChanged: (state) => this.#stateChanged(state),
    desktopOpened: (desktop) => this.#desktopOpened(desktop),
    firstFrame: () => this.#firstFrame(),
    soundChanged: () => this.#soundChanged(),
    notice: (notice) => void this.#status.notice(notice),
    leave: () => this.#toolbar.focus(),
  });
  #pageListeners = new AbortController();
  #wantsSound = true;
  #dismissSoundOffer = () => {};

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [styleSheet()];
    root.append(this.#stage.view, this.#stats.view, this.#toolbar.view, this.#status.view);
    // The first gesture on the desktop is what browsers wait for before they play sound.
    this.#stage.view.addEventListener("pointerup", () => this.#soundOnFirstGesture());
    this.#stage.view.addEventListener("keyup", () => this.#soundOnFirstGesture());
  }

  /** `idle`, `connecting-webrtc`, `connected-webrtc`, `falling-back`, `vnc` and so on. */
  get state(): ConnectionState["name"] {
    return this.#viewer.state.name;
  }

  /** The element that shows the picture. */
  get picture(): HTMLVideoElement | HTMLCanvasElement | null {
    return this.#viewer.desktop?.picture ?? null;
  }

  /** The picture, where it is a video. */
  get video(): HTMLVideoElement | null {
    return this.#viewer.desktop?.video ?? null;
  }

  connect(): void {
    this.#wantsSound = true;
    this.#viewer.connect(this.#preference());
  }

  disconnect(): void {
    this.#viewer.disconnect();
  }

  /** Types `text` on the desktop. */
  sendText(text: string): void {
    this.#viewer.desktop?.sendText(text);
  }

  /** Gives the keyboard to the desktop. */
  override focus(): void {
    this.#viewer.desktop?.focus();
  }

  connectedCallback(): void {
    this.#pageListeners = new AbortController();
    const options = { signal: this.#pageListeners.signal };
    onNetworkChange(() => this.#viewer.networkChanged(), options.signal);
    document.addEventListener("fullscreenchange", () => this.#updateToolbar(), options);
    this.#updateToolbar();
    if (this.hasAttribute("src")) this.connect();
  }

  disconnectedCallback(): void {
    this.#pageListeners.abort();
    this.#stats.close();
    this.disconnect();
  }

  attributeChangedCallback(_name: string, before: string | null, after: string | null): void {
    if (this.isConnected && before !== after && this.hasAttribute("src")) this.connect();
  }

  #options(): DesktopOptions {
    const role = this.getAttribute("role-wanted");
    return {
      src: this.getAttribute("src") ?? "",
      roleWanted: role === "view" || role === "control" ? role : null,
      resize: this.getAttribute("resize") === "scale" ? "scale" : "remote",
      hidpi: this.hasAttribute("hidpi"),
      decoder: this.#decoder(),
      pictureWorkerUrl: new URL("picture-worker.js", import.meta.url).href,
      novncUrl: this.getAttribute("novnc-src") ?? new URL("novnc.js", import.meta.url).href,
    };
  }

  #preference(): PathPreference {
    const path = this.getAttribute("path");
    return path === "webrtc" || path === "vnc" ? path : "auto";
  }

  #decoder(): DecoderPreference {
    const decoder = this.getAttribute("decoder");
    return decoder === "webcodecs" || decoder === "video" ? decoder : "auto";
  }

  #stateChanged(state: ConnectionState): void {
    const path = pathOf(state);
    this.dataset["state"] = state.name;
    if (path) this.dataset["path"] = path;
    else delete this.dataset["path"];
    this.#status.update(connectionStatus(state));
    this.#updateToolbar();
    const reason = "reason" in state ? state.reason : undefined;
    this.#dispatch("streamspace-state", { state: state.name, path, reason });
    if (state.name === "ended" && state.failed) {
      this.#dispatch("streamspace-error", { reason, code: state.code });
    }
    this.#offerSound();
    if (isOpen(state)) this.#opened();
    if (state.name === "ended") this.#stats.close();
  }

  #desktopOpened(desktop: Desktop): void {
    this.#stage.open(desktop);
    this.#updateToolbar();
  }

  #opened(): void {
    this.#toolbar.showForAMoment();
    if (this.hasAttribute("autofocus")) this.focus();
  }

  #firstFrame(): void {
    const { desktop } = this.#viewer;
    if (desktop) this.#stage.showed(desktop);
    this.#dispatch("streamspace-frame", { path: desktop?.path });
  }

  #updateToolbar(): void {
    const { desktop, state } = this.#viewer;
    this.#toolbar.update({
      isFullscreen: document.fullscreenElement === this,
      isSoundOn: desktop?.sound ? desktop.sound.isOn : null,
      path: pathOf(state),
      isStatsOpen: this.#stats.isOpen,
      canControl: desktop?.role === "control",
    });
  }

  #toggleStats(): void {
    this.#stats.toggle();
    this.#updateToolbar();
  }

  async #toggleFullscreen(): Promise<void> {
    if (document.fullscreenElement === this) return document.exitFullscreen();
    await this.requestFullscreen();
    // Chromium then gives the page Escape, Alt+Tab and the like too.
    await (navigator as KeyboardLocking).keyboard?.lock?.();
    this.focus();
  }

  async #toggleSound(): Promise<void> {
    const sound = this.#viewer.desktop?.sound;
    this.#wantsSound = !sound?.isOn;
    if (this.#wantsSound) await sound?.turnOn();
    else sound?.turnOff();
  }

  #soundChanged(): void {
    this.#updateToolbar();
    this.#offerSound();
  }

  #offerSound(): void {
    this.#dismissSoundOffer();
    if (!isOpen(this.#viewer.state) || !this.#viewer.desktop?.sound?.isRefused) return;
    this.#dismissSoundOffer = this.#status.notice({
      text: "The browser plays sound only after a click.",
      action: { label: "Enable sound", run: () => this.#soundOnFirstGesture() },
    });
  }

  #soundOnFirstGesture(): void {
    const sound = this.#viewer.desktop?.sound;
    if (this.#wantsSound && sound && !sound.isOn) void sound.turnOn();
  }

  #runAction(action: StatusAction): void {
    if (action === "try-webrtc") this.#viewer.connect("auto");
    else this.connect();
  }

  #dispatch(type: string, detail: object): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }
}

/** https://wicg.github.io/keyboard-lock/ */
interface KeyboardLocking extends Navigator {
  keyboard?: { lock?: () => Promise<void> };
}

function isOpen(state: ConnectionState): boolean {
  return state.name === "connected-webrtc" || state.name === "vnc";
}
