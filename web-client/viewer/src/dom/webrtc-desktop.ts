// The desktop over WebRTC: picture, sound, pointer shape, and input where the role allows it.

import { LEAVE_CHORD, controlAltDelete, textMessages } from "../core/keyboard.js";
import { desktopPixel, fit, type Box, type Point, type Rect } from "../core/layout.js";
import type { Language } from "../core/language.js";
import type { ShownFrame } from "../core/latency.js";
import type {
  ClientMessage,
  DisplaySize,
  Join,
  ServerMessage,
  StreamStats,
} from "../core/protocol.js";
import { ResizePolicy } from "../core/resize.js";
import { statRows, type Counters, type Figures } from "../core/stats.js";
import { phrase } from "../core/texts.js";
import { ClipboardSync } from "./clipboard-sync.js";
import { cursorStyle } from "./cursor-style.js";
import type { Desktop, DesktopEvents, DesktopOptions } from "./desktop.js";
import { KeyboardInput } from "./keyboard-input.js";
import { LatencyProbe } from "./latency-probe.js";
import { Picture } from "./picture.js";
import { Player } from "./player.js";
import { PointerInput } from "./pointer-input.js";
import { SizeObserver } from "./size-observer.js";
import { readReport } from "./webrtc-stats.js";
import { WebrtcTransport } from "./webrtc-transport.js";

interface Closable {
  close(): void;
}

export class WebrtcDesktop implements Desktop {
  readonly path = "webrtc";
  readonly view = document.createElement("div");
  readonly role;
  readonly #events: DesktopEvents;
  readonly #options: DesktopOptions;
  readonly #transport: WebrtcTransport;
  readonly #player: Player;
  readonly #shown: Picture;
  readonly #latency = new LatencyProbe((message) => this.#transport.send(message));
  readonly #keyboardSink = document.createElement("textarea");
  readonly #size: SizeObserver;
  readonly #resize = new ResizePolicy();
  readonly #clipboard: ClipboardSync | null = null;
  readonly #inputs: Closable[] = [];
  #isOpen = false;
  #display: DisplaySize = { width: 0, height: 0 };
  #picture: Rect = { x: 0, y: 0, width: 0, height: 0 };
  #counters: Counters | null = null;
  #serverStats: StreamStats | null = null;
  #hasPicture = false;
  #viewers: number | null = null;

  constructor(join: Join, options: DesktopOptions, events: DesktopEvents) {
    this.#events = events;
    this.#options = options;
    this.role = join.role;
    this.#player = new Player(() => events.soundChanged());
    this.#shown = new Picture(options, {
      decoded: () => events.decoded(),
      shown: (frame) => this.#pictureShown(frame),
    });
    this.view.className = "desktop";
    this.view.append(this.#shown.view);
    this.#size = new SizeObserver(this.view, {
      changed: () => this.#layOut(),
      settled: (box) => this.#requestSize(box),
    });
    this.#transport = new WebrtcTransport(join, this.#shown.prepare(), {
      stage: (stage) => events.stage(stage),
      display: (size) => this.#displayChanged(size),
      receiver: (video) => this.#shown.attach(video),
      track: (track) => this.#track(track),
      opened: () => this.#opened(),
      message: (message) => this.#receive(message),
      failed: (failure) => events.failed(failure),
    });
    if (this.role === "control") this.#clipboard = this.#attachInput();
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

  focus(): void {
    this.#keyboardSink.focus({ preventScroll: true });
  }

  sendText(text: string): void {
    this.#send(textMessages(text));
  }

  sendControlAltDelete(): void {
    this.#send(controlAltDelete());
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
        size: this.#display,
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

  speak(language: Language): void {
    this.#keyboardSink.ariaLabel = language.say(phrase("desktopKeyboard", { keys: LEAVE_CHORD }));
  }

  networkChanged(): void {
    this.#transport.networkChanged();
  }

  close(): void {
    // It may stay below the next desktop, and leads nowhere.
    this.#keyboardSink.tabIndex = -1;
    for (const input of this.#inputs) input.close();
    this.#clipboard?.close();
    this.#size.close();
    this.#latency.close();
    this.#transport.close();
    this.#shown.close();
    this.#player.close();
  }

  #attachInput(): ClipboardSync {
    const clipboard = new ClipboardSync({
      send: (text) => this.#send([{ type: "clipboard", text }]),
      limit: () => this.#transport.maxMessageBytes,
      notice: (notice) => this.#events.notice(notice),
    });
    this.#keyboardSink.className = "keyboard-sink";
    this.#keyboardSink.autocapitalize = "off";
    this.#keyboardSink.spellcheck = false;
    this.speak(this.#options.language);
    this.view.append(this.#keyboardSink);
    const keyboard = new KeyboardInput(this.#keyboardSink, {
      send: (message) => this.#transport.send(message),
      pasted: (text) => clipboard.local(text),
      leave: () => this.#events.leave(),
    });
    const pointer = new PointerInput(this.view, {
      send: (message) => this.#transport.send(message),
      sendMove: (move) => this.#transport.sendMove(move),
      locate: (client) => this.#locate(client),
      // Touch would bring up the on-screen keyboard at every tap.
      pressed: ({ pointerType }) => pointerType === "touch" || this.focus(),
    });
    this.#inputs.push(keyboard, pointer);
    return clipboard;
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
    this.#requestSize(this.#size.box);
    void this.#clipboard?.readIfPermitted();
  }

  #receive(message: ServerMessage): void {
    switch (message.type) {
      case "display":
        return this.#displayChanged(message);
      case "cursor":
        this.view.style.cursor = cursorStyle(message);
        return;
      case "clipboard":
        return void this.#clipboard?.remote(message.text);
      case "stats":
        this.#serverStats = message;
        return;
      case "pong":
        return this.#latency.answered(message.id, message.atUs);
      case "frames":
        return this.#latency.sent(message.frames);
      case "notice":
        return this.#events.notice({ text: message.message });
      case "viewers":
        this.#viewers = message.count;
        return;
    }
  }

  #displayChanged({ width, height }: DisplaySize): void {
    this.#display = { width, height };
    this.#resize.displayed(this.#display);
    this.#layOut();
  }

  #layOut(): void {
    this.#picture = fit(this.#size.box, this.#display);
    const { style } = this.#shown.view;
    style.left = `${this.#picture.x}px`;
    style.top = `${this.#picture.y}px`;
    style.width = `${this.#picture.width}px`;
    style.height = `${this.#picture.height}px`;
  }

  #requestSize(box: Box): void {
    const mayAsk = this.role === "control" && this.#options.resize === "remote";
    if (!mayAsk || !this.#isOpen) return;
    const ratio = this.#options.hidpi ? window.devicePixelRatio : 1;
    const size = this.#resize.request(box, ratio);
    if (size) this.#send([{ type: "resize", ...size }]);
  }

  #locate(client: Point): Point {
    const { left, top } = this.view.getBoundingClientRect();
    const point = { x: client.x - left, y: client.y - top };
    return desktopPixel(point, this.#picture, this.#display);
  }

  #send(messages: ClientMessage[]): void {
    for (const message of messages) this.#transport.send(message);
  }
}

/** Of our own pings, for browsers that do not tell ICE's. */
function roundTrip({ roundTripMs }: LatencyProbe): { rttMs?: number } {
  return roundTripMs === null ? {} : { rttMs: roundTripMs };
}
