// The desktop over WebRTC: picture, sound, pointer shape, and input where the role allows it.

import { TransferWords } from "../core/clipboard.js";
import { gamepadsPhrase } from "../core/gamepads.js";
import { textMessages } from "../core/keyboard.js";
import type { Language } from "../core/language.js";
import type { Box } from "../core/layout.js";
import { limitsMessage, NO_LIMITS, type Limits } from "../core/limits.js";
import type { ShownFrame } from "../core/latency.js";
import type {
  ClientMessage,
  ClipboardPolicy,
  Cursor,
  Devices,
  DisplaySize,
  Join,
  PointerMove,
  Role,
  ServerMessage,
  StreamStats,
} from "../core/protocol.js";
import { MoveSequence } from "../core/pointer.js";
import { ResizePolicy, dpiOf, pixelRatio, type Screen } from "../core/resize.js";
import type { SoftKeys } from "../core/soft-keys.js";
import { statRows, type Counters, type Figures } from "../core/stats.js";
import { phrase } from "../core/texts.js";
import { View } from "../core/view.js";
import { ClipboardChannel } from "./clipboard-channel.js";
import { ClipboardSync } from "./clipboard-sync.js";
import { Company } from "./company.js";
import { cursorStyle } from "./cursor-style.js";
import type { Desktop, DesktopEvents, DesktopOptions, Preferences } from "./desktop.js";
import { DesktopInput } from "./desktop-input.js";
import { GamepadInput } from "./gamepad-input.js";
import { requestJoin } from "./join.js";
import { LatencyProbe } from "./latency-probe.js";
import { Picture } from "./picture.js";
import { Player } from "./player.js";
import { isPointerLocked, lockPointer } from "./pointer-lock.js";
import { SizeObserver } from "./size-observer.js";
import { readReport } from "./webrtc-stats.js";
import { WatcherZoom } from "./watcher-zoom.js";
import { WebrtcTransport } from "./webrtc-transport.js";

export class WebrtcDesktop implements Desktop {
  readonly path = "webrtc";
  readonly view = document.createElement("div");
  readonly granted: Role;
  readonly quality = null;
  readonly hasVnc: boolean;
  readonly #events: DesktopEvents;
  readonly #options: DesktopOptions;
  readonly #transport: WebrtcTransport;
  readonly #player: Player;
  readonly #shown: Picture;
  readonly #latency = new LatencyProbe((message) => this.#transport.send(message));
  readonly #size: SizeObserver;
  readonly #resize = new ResizePolicy();
  readonly #company: Company;
  readonly #policy: ClipboardPolicy;
  #clipboard: ClipboardSync | null = null;
  #clipboardChannel: ClipboardChannel | null = null;
  #input: DesktopInput | null = null;
  #gamepads: GamepadInput | null = null;
  #devices: Devices | null = null;
  #zoom: WatcherZoom | null = null;
  #cursor: Cursor | null = null;
  readonly #moves = new MoveSequence();
  #isOpen = false;
  readonly #closing = new AbortController();
  readonly #viewed = new View();
  #preferences: Preferences;
  #coveredBelow = 0;
  #limits: Limits = NO_LIMITS;
  #toldLimits: Limits = NO_LIMITS;
  #wasWhole = true;
  #counters: Counters | null = null;
  #serverStats: StreamStats | null = null;
  #hasPicture = false;
  #viewers: number | null = null;

  constructor(join: Join, options: DesktopOptions, events: DesktopEvents) {
    this.#events = events;
    this.#options = options;
    this.#preferences = options.preferences;
    this.granted = join.role;
    this.hasVnc = join.vnc.enabled && options.display === "first";
    this.#policy = join.policy.clipboard;
    this.#player = new Player(() => events.soundChanged());
    this.#shown = new Picture(options, {
      decoded: () => events.decoded(),
      shown: (frame) => this.#pictureShown(frame),
    });
    this.view.className = "desktop";
    this.#shown.view.role = "img";
    this.view.append(this.#shown.view);
    this.#size = new SizeObserver(this.view, {
      changed: () => this.#layOut(),
      settled: (box) => this.#requestSize(box),
    });
    const joinAgain = () => requestJoin(options, this.#closing.signal);
    this.#transport = new WebrtcTransport(join, joinAgain, options.display, this.#shown.prepare(), {
      stage: (stage) => events.stage(stage),
      display: (size) => this.#displayChanged(size),
      receiver: (video) => this.#shown.attach(video),
      track: (track) => this.#track(track),
      opened: () => this.#opened(),
      clipboard: (channel) => this.#attachClipboardChannel(channel),
      message: (message) => this.#receive(message),
      pointers: (pointers) => this.#company.pointed(pointers),
      failed: (failure) => events.failed(failure),
    });
    this.#company = new Company(this.view, this.#viewed, join.role, {
      roleChanged: () => this.#roleChanged(),
      pointed: (at) => this.#sendMove({ seq: 0, ...at }),
    });
    this.#takeControl();
    this.#watch();
    this.prefer(options.preferences);
  }

  get role(): Role {
    return this.#company.role;
  }

  get picture(): HTMLVideoElement | HTMLCanvasElement | null {
    return this.#shown.element;
  }

  get video(): HTMLVideoElement | null {
    return this.#shown.video;
  }

  get sound(): Player {
    return this.#player;
  }

  get speak(): ((microphone: MediaStreamTrack | null) => void) | undefined {
    if (this.role === "view") return undefined;
    return (microphone) => this.#transport.speak(microphone);
  }

  get softKeys(): SoftKeys | null {
    return this.#input?.softKeys ?? null;
  }

  get devices(): Devices | null {
    return this.#devices;
  }

  get isWhole(): boolean {
    return this.#viewed.isWhole;
  }

  focus(): void {
    this.#input?.focus();
  }

  sendText(text: string): void {
    this.#send(textMessages(text));
  }

  tell(message: ClientMessage): void {
    this.#transport.send(message);
  }

  showAll(): void {
    this.#viewed.showAll();
    this.#layOut();
  }

  async lockPointer(): Promise<void> {
    if (!this.#input) return;
    this.focus();
    await lockPointer(this.view);
    if (isPointerLocked(this.view)) this.#input.drawPointer();
  }

  prefer(preferences: Preferences): void {
    const { language, touch, coveredBelow, limits } = preferences;
    this.#preferences = preferences;
    this.#shown.view.ariaLabel = language.say(phrase("desktop"));
    this.#input?.speak(language);
    this.#input?.touchAs(touch);
    this.#coveredBelow = coveredBelow;
    this.#limits = limits;
    this.#tellLimits();
    this.#layOut();
  }

  async sampleStats(language: Language): Promise<Figures> {
    const latency = this.#latency.look();
    const report = await this.#transport.stats();
    const { counters = null, ...facts } = report ? readReport(report) : {};
    const before = this.#counters;
    this.#counters = counters;
    const rows = statRows(
      language,
      {
        path: "WebRTC",
        size: this.#viewed.desktop,
        ...roundTrip(this.#latency),
        ...facts,
        ...this.#shown.facts,
        ...(this.#viewers === null ? {} : { viewers: this.#viewers }),
        ...(this.#serverStats ? { server: this.#serverStats } : {}),
      },
      counters,
      before,
    );
    return { rows, latency };
  }

  networkChanged(): void {
    this.#transport.networkChanged();
  }

  close(): void {
    this.#closing.abort();
    this.#input?.close();
    this.#gamepads?.close();
    this.#zoom?.close();
    this.#clipboard?.close();
    this.#company.close();
    this.#clipboardChannel?.close();
    this.#size.close();
    this.#latency.close();
    this.#transport.close();
    this.#shown.close();
    this.#player.close();
  }

  /** Everything by which a person acts on the desktop, where they may. */
  #takeControl(): void {
    if (this.role === "view" || this.#input) return;
    this.#moves.restart();
    this.#clipboard = this.#attachClipboard();
    this.#input = this.#attachInput(this.#clipboard);
    if (this.#cursor) this.#cursorChanged(this.#cursor);
  }

  /** Fingers are the desktop's where the person controls it, and else come near to it. */
  #watch(): void {
    const watches = this.role === "view";
    if (watches === (this.#zoom !== null)) return;
    this.#zoom?.close();
    this.#zoom = watches ? new WatcherZoom(this.view, this.#viewed, () => this.#layOut()) : null;
  }

  #giveControlUp(): void {
    if (this.role !== "view" || !this.#input) return;
    this.#input.remove();
    this.#gamepads?.close();
    this.#gamepads = null;
    this.#clipboard?.close();
    this.#input = null;
    this.#clipboard = null;
    if (this.#cursor) this.#cursorChanged(this.#cursor);
  }

  #roleChanged(): void {
    this.#giveControlUp();
    this.#takeControl();
    this.#watch();
    this.prefer(this.#preferences);
    if (this.#isOpen) this.#share();
    this.#events.softKeysChanged();
  }

  #attachClipboard(): ClipboardSync {
    return new ClipboardSync({
      send: async (content) => (await this.#clipboardChannel?.send(content)) ?? false,
      policy: () => (this.#clipboardChannel?.isOpen ? this.#policy : null),
      notice: (notice) => this.#events.notice(notice),
    });
  }

  #attachClipboardChannel(channel: RTCDataChannel): void {
    const sending = new TransferWords("clipboardSending");
    const receiving = new TransferWords("clipboardReceiving");
    const say = (words: TransferWords, done: number, total: number) => {
      const text = words.next(done, total, (share) => this.#preferences.language.percent(share));
      if (text) this.#events.notice({ text });
    };
    this.#clipboardChannel = new ClipboardChannel(channel, {
      limit: () => this.#policy.maxBytes,
      received: (content) => void this.#clipboard?.remote(content),
      sending: (done, total) => say(sending, done, total),
      receiving: (done, total) => say(receiving, done, total),
    });
    channel.addEventListener("open", () => void this.#clipboard?.lookIfPermitted());
  }

  #attachInput(clipboard: ClipboardSync): DesktopInput {
    return new DesktopInput(this.view, this.#viewed, {
      send: (message) => this.#transport.send(message),
      sendMove: (move) => this.#sendMove(move),
      pasted: async (content) => clipboard.pasted(await content),
      leave: () => this.#events.leave(),
      softKeysChanged: () => this.#events.softKeysChanged(),
      viewed: () => this.#layOut(),
    });
  }

  #sendMove(move: PointerMove): void {
    this.#transport.sendMove(this.#moves.next(move));
  }

  #track(track: MediaStreamTrack): void {
    if (track.kind === "video") this.#shown.show(track);
    else this.#player.play(track);
  }

  #pictureShown(frame: ShownFrame | null): void {
    if (!this.#hasPicture) this.#events.firstFrame();
    this.#hasPicture = true;
    if (frame) this.#latency.shown(frame);
  }

  #opened(): void {
    this.#isOpen = true;
    this.#events.opened();
    this.#share();
  }

  /** The desktop learns of our window and our clipboard. */
  #share(): void {
    this.#requestSize(this.#size.box);
    this.#tellLimits();
    this.#attachGamepads();
  }

  /** Once the session has said whether its programs can use any. */
  #attachGamepads(): void {
    const devices = this.#devices;
    if (!devices || !this.#isOpen || this.role === "view" || this.#gamepads) return;
    const isReady = devices.gamepads === "ready";
    this.#gamepads = new GamepadInput({
      send: (message) => isReady && this.#transport.send(message),
      plugged: () => isReady || this.#events.notice({ text: gamepadsPhrase(devices) }),
    });
  }

  #receive(message: ServerMessage): void {
    switch (message.type) {
      case "display":
        return this.#displayChanged(message);
      case "cursor":
        return this.#cursorChanged(message);
      case "stats":
        this.#serverStats = message;
        return;
      case "pong":
        return this.#latency.answered(message.id, message.atUs);
      case "frames":
        return this.#latency.sent(message.frames);
      case "notice":
        return this.#events.notice({ text: message.message });
      case "people":
        this.#company.update(message);
        return this.#events.together(message);
      case "devices":
        this.#devices = message;
        this.#attachGamepads();
        return this.#events.softKeysChanged();
      case "chat":
        return this.#events.together(message);
      case "viewers":
        this.#viewers = message.count;
        return;
    }
  }

  #cursorChanged(cursor: Cursor): void {
    this.#cursor = cursor;
    const density = this.#screen === "dense" ? window.devicePixelRatio : 1;
    if (this.#input) this.#input.cursor(cursor, density);
    else this.view.style.cursor = cursorStyle(cursor, density);
  }

  #displayChanged({ width, height }: DisplaySize): void {
    this.#viewed.show({ width, height });
    this.#resize.displayed({ width, height });
    this.#layOut();
  }

  #layOut(): void {
    const { isWhole } = this.#viewed;
    const { width, height } = this.#size.box;
    this.#viewed.resize({ width, height: Math.max(0, height - this.#coveredBelow) });
    const { picture } = this.#viewed;
    const { style } = this.#shown.view;
    style.left = `${picture.x}px`;
    style.top = `${picture.y}px`;
    style.width = `${picture.width}px`;
    style.height = `${picture.height}px`;
    this.#input?.laidOut();
    this.#company.laidOut();
    if (isWhole !== this.#wasWhole) this.#events.zoomed();
    this.#wasWhole = isWhole;
  }

  #requestSize(box: Box): void {
    const mayAsk = this.role !== "view" && this.#options.resize === "remote";
    if (!mayAsk || !this.#isOpen) return;
    const density = window.devicePixelRatio;
    const ratio = pixelRatio(box, density, this.#screen);
    const wish = this.#resize.request(box, ratio, dpiOf(density, this.#screen));
    if (wish) this.#send([{ type: "resize", ...wish }]);
  }

  #tellLimits(): void {
    if (!this.#isOpen) return;
    const message = limitsMessage(this.#toldLimits, this.#limits);
    this.#toldLimits = this.#limits;
    if (message) this.#send([message]);
  }

  get #screen(): Screen {
    if (this.#options.hidpi) return "dense";
    return matchMedia("(pointer: coarse)").matches ? "handheld" : "ordinary";
  }

  #send(messages: ClientMessage[]): void {
    for (const message of messages) this.#transport.send(message);
  }
}

/** Of our own pings, for browsers that do not tell ICE's. */
function roundTrip({ roundTripMs }: LatencyProbe): { rttMs?: number } {
  return roundTripMs === null ? {} : { rttMs: roundTripMs };
}
