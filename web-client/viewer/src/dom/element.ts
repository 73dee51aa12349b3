// <streamspace-viewer>: a session's desktop on a page.

import { pathOf, type ConnectionState } from "../core/connection.js";
import { filesAccess } from "../core/files.js";
import type { Join, PersonHere } from "../core/protocol.js";
import type { StatusAction } from "../core/status.js";
import { phrase } from "../core/texts.js";
import {
  readLanguage,
  readLimits,
  readOptions,
  readPath,
  readTouch,
  writeLimits,
} from "./attributes.js";
import { Controls, isOpen } from "./controls.js";
import { Covered } from "./covered.js";
import type { Desktop, Preferences } from "./desktop.js";
import { element } from "./html.js";
import { onNetworkChange } from "./network-change.js";
import { unlockPointer } from "./pointer-lock.js";
import { Stage } from "./stage.js";
import { styleSheet } from "./styles/index.js";
import { Viewer } from "./viewer.js";

/** Attributes that change while a desktop is open. */
const PREFERENCES: ReadonlySet<string> = new Set(["touch", "max-bitrate", "max-fps"]);

export class StreamspaceViewer extends HTMLElement {
  static readonly observedAttributes = [
    "src",
    "path",
    "decoder",
    "lang",
    "touch",
    "share",
    "display",
    "max-bitrate",
    "max-fps",
  ];

  #language = readLanguage(this);
  readonly #frame = element("div", { className: "frame" });
  readonly #stage = new Stage();
  readonly #viewer = new Viewer(() => readOptions(this, this.#preferences), {
    stateChanged: (state) => this.#stateChanged(state),
    joined: (join) => this.#joined(join),
    desktopOpened: (desktop) => this.#desktopOpened(desktop),
    firstFrame: () => this.#firstFrame(),
    soundChanged: () => this.#soundChanged(),
    softKeysChanged: () => this.#controls.update(),
    zoomed: () => this.#controls.update(),
    notice: (notice) => void this.#controls.notice(notice),
    together: (message) => this.#controls.together.receive(message),
    leave: () => this.#leave(),
  });
  readonly #controls = new Controls(this, this.#language, {
    desktop: () => this.#viewer.desktop,
    state: () => this.#viewer.state,
    src: () => this.getAttribute("src") ?? "",
    options: () => readOptions(this, this.#preferences),
    isGuest: () => this.hasAttribute("share"),
    peopleChanged: () => this.#peopleChanged(),
    touch: () => readTouch(this),
    touchAs: (mode) => this.setAttribute("touch", mode),
    limits: () => readLimits(this),
    limit: (limits) => writeLimits(this, limits),
    focusDesktop: () => this.focus(),
    secondDisplaySrc: () => this.getAttribute("second-display-src"),
    switchPath: () => this.#viewer.connect(pathOf(this.#viewer.state) === "vnc" ? "webrtc" : "vnc"),
    statusAction: (action) => this.#runStatusAction(action),
    disconnect: () => this.disconnect(),
  });
  readonly #covered = new Covered(this.#frame, this.#controls.keys.view, () => this.#prefer());
  #pageListeners = new AbortController();
  /** What `streamspace-people` said last. */
  #told = "";

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [styleSheet()];
    this.#frame.append(this.#stage.view, ...this.#controls.views);
    this.#controls.files.takeDropsOn(this.#stage.view);
    root.append(this.#frame);
    // The first gesture on the desktop is what browsers wait for before they play sound.
    this.#stage.view.addEventListener("pointerup", () => this.#controls.sound.gesture());
    this.#stage.view.addEventListener("keyup", () => this.#controls.sound.gesture());
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

  /** Who is here, the one who looks among them; empty over VNC and while nothing is connected. */
  get people(): PersonHere[] {
    return [...this.#controls.together.people];
  }

  connect(): void {
    this.#controls.sound.reset();
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
    this.#covered.observe(options.signal);
    document.addEventListener("fullscreenchange", () => this.#controls.update(), options);
    window.addEventListener("languagechange", () => this.#speak(), options);
    this.#speak();
    if (this.hasAttribute("src")) this.connect();
  }

  disconnectedCallback(): void {
    this.#pageListeners.abort();
    this.#controls.files.discard();
    this.disconnect();
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (!this.isConnected || before === after) return;
    if (name === "lang") this.#speak();
    else if (PREFERENCES.has(name)) this.#prefer();
    else if (this.hasAttribute("src")) this.connect();
  }

  get #preferences(): Preferences {
    return {
      language: this.#language,
      touch: readTouch(this),
      coveredBelow: this.#covered.below,
      limits: readLimits(this),
    };
  }

  #prefer(): void {
    this.#viewer.desktop?.prefer(this.#preferences);
    this.#controls.update();
  }

  /** Says everything again in the language that is chosen now. */
  #speak(): void {
    this.#language = readLanguage(this);
    this.#frame.lang = this.#language.code;
    this.#frame.dir = this.#language.direction;
    this.#controls.speak(this.#language);
    this.#prefer();
  }

  #stateChanged(state: ConnectionState): void {
    const path = pathOf(state);
    this.dataset["state"] = state.name;
    if (path) this.dataset["path"] = path;
    else delete this.dataset["path"];
    if (!isOpen(state) && this.people.length > 0) this.#alone();
    this.#controls.stateChanged(state);
    this.#dispatchState(state);
    if (isOpen(state) && this.hasAttribute("autofocus")) this.focus();
  }

  #alone(): void {
    this.#controls.together.disconnected();
    this.#peopleChanged();
  }

  #peopleChanged(): void {
    const { people } = this;
    const you = this.#controls.together.me?.viewer ?? null;
    const told = JSON.stringify([you, people]);
    if (told === this.#told) return;
    this.#told = told;
    this.#dispatch("streamspace-people", { people, you });
  }

  #dispatchState(state: ConnectionState): void {
    const saying = "reason" in state ? state.reason : undefined;
    const reason = saying === undefined ? undefined : this.#language.say(saying);
    this.#dispatch("streamspace-state", { state: state.name, path: pathOf(state), reason });
    if (state.name === "ended" && state.failed) {
      this.#dispatch("streamspace-error", { reason, code: state.code });
    }
  }

  /** Guests have no account, and the API moves files for those who have one. */
  #joined(join: Join): void {
    const access = filesAccess(join);
    const isGuest = this.hasAttribute("share");
    if (access && isGuest) this.#controls.files.refuse(phrase("filesNeedAccount"));
    else this.#controls.files.allow(access);
  }

  #desktopOpened(desktop: Desktop): void {
    this.#stage.open(desktop);
    this.#controls.update();
  }

  #firstFrame(): void {
    const { desktop } = this.#viewer;
    if (desktop) this.#stage.showed(desktop);
    this.#dispatch("streamspace-frame", { path: desktop?.path });
  }

  #soundChanged(): void {
    this.#controls.update();
    this.#controls.sound.update();
  }

  /** The keyboard's way out: from the toolbar Tab leads on, and not back to the desktop. */
  #leave(): void {
    unlockPointer();
    this.#stage.excludeFromTabOrder();
    this.#controls.focus();
  }

  #runStatusAction(action: StatusAction): void {
    if (action === "try-webrtc") this.#viewer.connect("auto");
    else this.connect();
  }

  #dispatch(type: string, detail: object): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }
}
