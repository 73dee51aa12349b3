// <streamspace-viewer>: a session's desktop on a page.

import { pathOf, type ConnectionState } from "../core/connection.js";
import { connectionStatus, type StatusAction } from "../core/status.js";
import type { ToolbarAction } from "../core/toolbar.js";
import { readLanguage, readOptions, readPath } from "./attributes.js";
import type { Desktop, Notice } from "./desktop.js";
import { isFullscreen, toggleFullscreen } from "./fullscreen.js";
import { element } from "./html.js";
import { onNetworkChange } from "./network-change.js";
import { SoundOffer } from "./sound-offer.js";
import { Stage } from "./stage.js";
import { StatsPanel } from "./stats-panel.js";
import { StatusBar } from "./status-bar.js";
import { styleSheet } from "./styles/index.js";
import { Toolbar } from "./toolbar.js";
import { Viewer } from "./viewer.js";

export class StreamspaceViewer extends HTMLElement {
  static readonly observedAttributes = ["src", "path", "decoder", "lang"];

  #language = readLanguage(this);
  readonly #frame = element("div", { className: "frame" });
  readonly #stage = new Stage();
  readonly #status = new StatusBar((action) => this.#runStatusAction(action));
  readonly #stats = new StatsPanel(this.#language, {
    sample: async () =>
      (await this.#viewer.desktop?.sampleStats(this.#language)) ?? { rows: [], latency: null },
    left: () => {
      this.#updateToolbar();
      this.#toolbar.focus();
    },
  });
  readonly #toolbar = new Toolbar({
    run: (action) => this.#runToolbarAction(action),
    left: () => this.focus(),
  });
  readonly #viewer = new Viewer(() => readOptions(this, this.#language), {
    stateChanged: (state) => this.#stateChanged(state),
    desktopOpened: (desktop) => this.#desktopOpened(desktop),
    firstFrame: () => this.#firstFrame(),
    soundChanged: () => this.#soundChanged(),
    notice: (notice) => void this.#notice(notice),
    leave: () => this.#leave(),
  });
  readonly #sound = new SoundOffer({
    sound: () => (isOpen(this.#viewer.state) ? (this.#viewer.desktop?.sound ?? null) : null),
    notice: (notice) => this.#notice(notice),
  });
  #pageListeners = new AbortController();

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [styleSheet()];
    this.#frame.append(this.#stage.view, this.#stats.view, this.#toolbar.view, this.#status.view);
    root.append(this.#frame);
    // The first gesture on the desktop is what browsers wait for before they play sound.
    this.#stage.view.addEventListener("pointerup", () => this.#sound.gesture());
    this.#stage.view.addEventListener("keyup", () => this.#sound.gesture());
    this.addEventListener("focusout", ({ relatedTarget }) => {
      // What a page puts into the slots belongs to the viewer too.
      if (!this.contains(relatedTarget as Node | null)) this.#stage.includeInTabOrder();
    });
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
    this.#sound.reset();
    this.#viewer.connect(readPath(this));
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
    this.#stage.includeInTabOrder();
    this.#viewer.desktop?.focus();
  }

  connectedCallback(): void {
    this.#pageListeners = new AbortController();
    const options = { signal: this.#pageListeners.signal };
    onNetworkChange(() => this.#viewer.networkChanged(), options.signal);
    document.addEventListener("fullscreenchange", () => this.#updateToolbar(), options);
    window.addEventListener("languagechange", () => this.#speak(), options);
    this.#speak();
    if (this.hasAttribute("src")) this.connect();
  }

  disconnectedCallback(): void {
    this.#pageListeners.abort();
    this.#stats.close();
    this.disconnect();
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (!this.isConnected || before === after) return;
    if (name === "lang") this.#speak();
    else if (this.hasAttribute("src")) this.connect();
  }

  /** Says everything again in the language that is chosen now. */
  #speak(): void {
    this.#language = readLanguage(this);
    this.#frame.lang = this.#language.code;
    this.#frame.dir = this.#language.direction;
    this.#stats.speak(this.#language);
    this.#viewer.desktop?.speak(this.#language);
    this.#status.update(connectionStatus(this.#viewer.state), this.#language);
    this.#updateToolbar();
  }

  #notice(notice: Notice): () => void {
    return this.#status.notice(notice, this.#language);
  }

  #stateChanged(state: ConnectionState): void {
    const path = pathOf(state);
    this.dataset["state"] = state.name;
    if (path) this.dataset["path"] = path;
    else delete this.dataset["path"];
    const hadFocus = this.matches(":focus-within");
    this.#status.update(connectionStatus(state), this.#language);
    if (state.name === "ended") this.#stats.close();
    this.#updateToolbar();
    this.#dispatchState(state);
    this.#sound.update();
    if (isOpen(state)) this.#opened();
    if (state.name === "ended" && hadFocus) this.#status.focus();
  }

  #dispatchState(state: ConnectionState): void {
    const saying = "reason" in state ? state.reason : undefined;
    const reason = saying === undefined ? undefined : this.#language.say(saying);
    this.#dispatch("streamspace-state", { state: state.name, path: pathOf(state), reason });
    if (state.name === "ended" && state.failed) {
      this.#dispatch("streamspace-error", { reason, code: state.code });
    }
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

  #soundChanged(): void {
    this.#updateToolbar();
    this.#sound.update();
  }

  /** The keyboard's way out: from the toolbar Tab leads on, and not back to the desktop. */
  #leave(): void {
    this.#stage.excludeFromTabOrder();
    this.#toolbar.focus();
  }

  #updateToolbar(): void {
    const { desktop, state } = this.#viewer;
    const toolbarState = {
      isFullscreen: isFullscreen(this),
      isSoundOn: desktop?.sound ? desktop.sound.isOn : null,
      path: pathOf(state),
      isStatsOpen: this.#stats.isOpen,
    };
    this.#toolbar.update(toolbarState, this.#language);
  }

  #runToolbarAction(action: ToolbarAction): void {
    switch (action) {
      case "fullscreen":
        return void toggleFullscreen(this).then(() => isFullscreen(this) && this.focus());
      case "sound":
        return void this.#sound.toggle();
      case "path":
        return this.#viewer.connect(pathOf(this.#viewer.state) === "vnc" ? "webrtc" : "vnc");
      case "stats":
        this.#stats.toggle();
        return this.#updateToolbar();
      case "disconnect":
        return this.disconnect();
    }
  }

  #runStatusAction(action: StatusAction): void {
    if (action === "try-webrtc") this.#viewer.connect("auto");
    else this.connect();
  }

  #dispatch(type: string, detail: object): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }
}

function isOpen(state: ConnectionState): boolean {
  return state.name === "connected-webrtc" || state.name === "vnc";
}
