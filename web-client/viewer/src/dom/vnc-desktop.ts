// The desktop over VNC, drawn by noVNC.

import { lostFailure } from "../core/failure.js";
import { LEAVE_CHORD } from "../core/keyboard.js";
import { characterKeysym, keysymOf } from "../core/keysyms.js";
import type { Box } from "../core/layout.js";
import type { Language } from "../core/language.js";
import type { ClipboardPolicy, Join, Policy, Role } from "../core/protocol.js";
import { desktopFor } from "../core/resize.js";
import { SoftKeys } from "../core/soft-keys.js";
import { bitrateRow, statRows, type Figures } from "../core/stats.js";
import { phrase } from "../core/texts.js";
import { BEST_QUALITY, vncQuality } from "../core/vnc-quality.js";
import { textContent, textOf } from "./browser-clipboard.js";
import { ClipboardSync } from "./clipboard-sync.js";
import type {
  Desktop,
  DesktopEvents,
  DesktopOptions,
  Preferences,
  QualitySetting,
} from "./desktop.js";
import { ConnectError } from "./join.js";
import { loadNovnc, type Rfb } from "./novnc.js";
import { SizeObserver } from "./size-observer.js";
import { openVncChannel } from "./vnc-channel.js";
import { VncLeave } from "./vnc-leave.js";
import { VncPaste } from "./vnc-paste.js";

export class VncDesktop implements Desktop {
  readonly path = "vnc";
  readonly view = document.createElement("div");
  readonly video = null;
  readonly sound = null;
  readonly isWhole = true;
  readonly softKeys: SoftKeys | null = null;
  readonly role: Role;
  readonly granted: Role;
  readonly hasVnc: boolean;
  readonly #maxQuality: number;
  #wantedQuality: number | null;
  readonly #events: DesktopEvents;
  readonly #options: DesktopOptions;
  readonly #screen = document.createElement("div");
  readonly #size: SizeObserver;
  readonly #clipboard: ClipboardSync;
  readonly #leave: VncLeave;
  readonly #paste: VncPaste | null = null;
  #rfb: Rfb | null = null;
  #isOpen = false;
  #isClosed = false;
  #hasPicture = false;
  #coveredBelow = 0;
  #copied = "";
  #bytes = 0;
  #sampled = { bytes: 0, timeMs: performance.now() };

  constructor(join: Join, options: DesktopOptions, events: DesktopEvents) {
    this.#events = events;
    this.#options = options;
    this.role = join.role;
    this.granted = join.role;
    this.hasVnc = join.vnc.enabled;
    this.#maxQuality = join.vnc.maxQuality ?? BEST_QUALITY;
    this.#wantedQuality = options.vncQuality;
    this.view.className = "desktop";
    this.#screen.className = "vnc-screen";
    // Holds the keyboard for noVNC, which has nothing to focus before it starts and after it ends.
    this.view.tabIndex = -1;
    this.view.role = "application";
    this.view.append(this.#screen);
    this.#size = new SizeObserver(this.view, {
      changed: (box) => this.#layOut(box),
      settled: () => {},
    });
    this.#clipboard = new ClipboardSync({
      send: async (content) => {
        this.#rfb?.clipboardPasteFrom(textOf(content));
        return true;
      },
      policy: () => (this.#isOpen && this.role !== "view" ? textOnly(join.policy) : null),
      notice: (notice) => events.notice(notice),
    });
    this.#leave = new VncLeave(this.view, () => events.leave());
    if (this.role !== "view") {
      this.#paste = this.#attachPaste();
      this.softKeys = this.#attachSoftKeys();
    }
    this.prefer(options.preferences);
    void this.#open(join);
  }

  get picture(): HTMLCanvasElement | null {
    return this.#screen.querySelector("canvas");
  }

  get quality(): QualitySetting {
    return {
      level: vncQuality(this.#wantedQuality, this.#maxQuality).quality,
      max: this.#maxQuality,
      choose: (level) => {
        this.#wantedQuality = level;
        if (this.#rfb) this.#setQuality(this.#rfb);
      },
    };
  }

  readonly devices = null;

  focus(): void {
    if (this.#rfb) this.#rfb.focus();
    else this.view.focus({ preventScroll: true });
  }

  sendText(text: string): void {
    for (const character of text) {
      const keysym =
        character === "\n" ? keysymOf({ key: "Enter", location: 0 }) : characterKeysym(character);
      if (keysym !== null) this.#rfb?.sendKey(keysym, null);
    }
  }

  tell(): void {}

  /** noVNC scales by itself. */
  showAll(): void {}

  async lockPointer(): Promise<void> {}

  /** noVNC counts no frames, and a WebSocket no packets. */
  async sampleStats(language: Language): Promise<Figures> {
    const timeMs = performance.now();
    const seconds = (timeMs - this.#sampled.timeMs) / 1000;
    const bits = (this.#bytes - this.#sampled.bytes) * 8;
    this.#sampled = { bytes: this.#bytes, timeMs };
    const { width = 0, height = 0 } = this.picture ?? {};
    const facts = { path: "VNC", size: { width, height }, route: phrase("byWebSocket") } as const;
    const rows = [...statRows(language, facts, null, null), bitrateRow(language, bits / seconds)];
    return { rows, latency: null };
  }

  prefer({ language, coveredBelow }: Preferences): void {
    this.view.ariaLabel = language.say(phrase("desktopKeyboard", { keys: LEAVE_CHORD }));
    this.#coveredBelow = coveredBelow;
    this.#layOut(this.#size.box);
  }

  /** A WebSocket that has lost its network closes, and is opened anew. */
  networkChanged(): void {}

  close(): void {
    // Of a closed noVNC nothing is left in the page; the next desktop finds the focus here.
    if (this.view.matches(":focus-within")) this.view.focus({ preventScroll: true });
    this.#isClosed = true;
    this.#isOpen = false;
    this.#leave.close();
    this.#paste?.close();
    this.#size.close();
    this.#clipboard.close();
    this.#rfb?.disconnect();
  }

  async #open(join: Join): Promise<void> {
    try {
      // Loaded first: the socket's messages need a listener from the start.
      const Rfb = await loadNovnc(this.#options.novncUrl);
      this.#events.stage("vnc");
      const socket = await openVncChannel(join, {
        failed: (failure) => this.#events.failed(failure),
        received: (bytes) => this.#received(bytes),
        copied: (piece, last) => this.#copiedPiece(piece, last),
      });
      if (this.#isClosed) socket.close();
      else this.#rfb = this.#start(new Rfb(this.#screen, socket));
    } catch (error) {
      this.#events.failed(
        error instanceof ConnectError
          ? error.failure
          : lostFailure(phrase("novncFailed", { error: String(error) })),
      );
    }
  }

  #attachPaste(): VncPaste {
    return new VncPaste(this.view, {
      pasted: (text) => void this.#clipboard.pasted(textContent(text)),
      tap: (keysym, code) => this.#rfb?.sendKey(keysym, code),
    });
  }

  /** noVNC reads the keyboard itself, so a modifier holds for soft keys alone. */
  #attachSoftKeys(): SoftKeys {
    return new SoftKeys({
      send: (message) => {
        if (message.type === "key") this.#rfb?.sendKey(message.keysym, message.code, message.down);
      },
      changed: () => this.#events.softKeysChanged(),
    });
  }

  #start(rfb: Rfb): Rfb {
    rfb.viewOnly = this.role === "view";
    rfb.scaleViewport = true;
    this.#setQuality(rfb);
    rfb.resizeSession = this.role !== "view" && this.#options.resize === "remote";
    rfb.background = "transparent";
    rfb.addEventListener("connect", () => this.#opened());
    rfb.addEventListener("disconnect", () => this.#events.failed(lostFailure(phrase("vncClosed"))));
    rfb.addEventListener("securityfailure", () =>
      this.#events.failed(lostFailure(phrase("vncRefused"))),
    );
    return rfb;
  }

  /** The gateway sees to the limit; asking for more would only be in vain. */
  #setQuality(rfb: Rfb): void {
    const { quality, compression } = vncQuality(this.#wantedQuality, this.#maxQuality);
    rfb.qualityLevel = quality;
    rfb.compressionLevel = compression;
  }

  #opened(): void {
    this.#isOpen = true;
    this.#events.opened();
    if (this.view.matches(":focus")) this.focus();
    void this.#clipboard.lookIfPermitted();
  }

  /** The streamer keeps to the policy; a text that is cut off with its streamer is no text. */
  #copiedPiece(piece: string, last: boolean): void {
    this.#copied += piece;
    if (!last) return;
    void this.#clipboard.remote(textContent(this.#copied));
    this.#copied = "";
  }

  #received(bytes: number): void {
    this.#bytes += bytes;
    // noVNC has no event for a picture. It decodes after this message.
    if (!this.#hasPicture) requestAnimationFrame(() => this.#lookForPicture());
  }

  #lookForPicture(): void {
    const canvas = this.#screen.querySelector("canvas");
    if (this.#hasPicture || !this.#rfb || !canvas?.width) return;
    // What noVNC has drawn is opaque, what it has not is transparent.
    const alpha = canvas.getContext("2d")?.getImageData(0, 0, 1, 1).data[3];
    this.#hasPicture = alpha === 255;
    if (this.#hasPicture) this.#events.firstFrame();
  }

  /** noVNC asks for the size of its container, which therefore has to be even. */
  #layOut(box: Box): void {
    const free = { width: box.width, height: Math.max(0, box.height - this.#coveredBelow) };
    const { width, height } = desktopFor(free, 1);
    this.#screen.style.width = `${Math.min(width, free.width)}px`;
    this.#screen.style.height = `${Math.min(height, free.height)}px`;
  }
}

/** RFB carries nothing else. */
function textOnly({ clipboard }: Policy): ClipboardPolicy {
  return { ...clipboard, kinds: clipboard.kinds.filter((kind) => kind === "text") };
}
