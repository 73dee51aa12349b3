// Runs the connection's state machine: opens and closes desktops, and keeps its timer.

import { Connection } from "../core/connection.js";
import type {
  ConnectionEffect,
  ConnectionEvent,
  ConnectionState,
  Path,
  PathPreference,
} from "../core/connection.js";
import type { Failure } from "../core/failure.js";
import type { Join, ServerMessage } from "../core/protocol.js";
import { phrase } from "../core/texts.js";
import type { Desktop, DesktopEvents, DesktopOptions, Notice } from "./desktop.js";
import { ConnectError, requestJoin } from "./join.js";
import { VncDesktop } from "./vnc-desktop.js";
import { WebrtcDesktop } from "./webrtc-desktop.js";

export interface ViewerEvents {
  stateChanged(state: ConnectionState): void;
  /** The server has let this viewer in, and says what it may do. */
  joined(join: Join): void;
  /** A new picture takes the place of the old one. */
  desktopOpened(desktop: Desktop): void;
  firstFrame(): void;
  soundChanged(): void;
  softKeysChanged(): void;
  zoomed(): void;
  notice(notice: Notice): void;
  together(message: ServerMessage & { type: "people" | "chat" }): void;
  leave(): void;
}

export class Viewer {
  readonly #connection = new Connection(Math.random);
  readonly #options: () => DesktopOptions;
  readonly #events: ViewerEvents;
  #desktop: Desktop | null = null;
  #join: AbortController | null = null;
  #timer = 0;

  /** `options` are read anew for each attempt. */
  constructor(options: () => DesktopOptions, events: ViewerEvents) {
    this.#options = options;
    this.#events = events;
  }

  get state(): ConnectionState {
    return this.#connection.state;
  }

  get desktop(): Desktop | null {
    return this.#desktop;
  }

  connect(preference: PathPreference): void {
    this.#handle({ type: "connect", preference });
  }

  disconnect(): void {
    this.#handle({ type: "disconnect" });
  }

  networkChanged(): void {
    this.#handle({ type: "network-changed" });
  }

  #handle(event: ConnectionEvent): void {
    const before = this.#connection.state;
    for (const effect of this.#connection.handle(event)) this.#perform(effect);
    const { state } = this.#connection;
    if (state !== before) this.#events.stateChanged(state);
  }

  #perform(effect: ConnectionEffect): void {
    switch (effect.type) {
      case "open":
        return void this.#open(effect.path, effect.attempt);
      case "close":
        return this.#close();
      case "mend":
        return this.#desktop?.networkChanged();
      case "timer":
        return this.#startTimer(effect.attempt, effect.ms);
    }
  }

  #startTimer(attempt: number, ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#handle({ type: "timer", attempt }), ms);
  }

  #close(): void {
    clearTimeout(this.#timer);
    this.#join?.abort();
    this.#desktop?.close();
    this.#desktop = null;
  }

  async #open(path: Path, attempt: number): Promise<void> {
    const options = this.#options();
    const abort = new AbortController();
    this.#join = abort;
    try {
      const join = await requestJoin(options, abort.signal);
      if (abort.signal.aborted) return;
      this.#events.joined(join);
      const events = this.#desktopEvents(attempt, abort.signal);
      const Desktop = path === "webrtc" ? WebrtcDesktop : VncDesktop;
      this.#desktop = new Desktop(join, options, events);
      this.#events.desktopOpened(this.#desktop);
    } catch (error) {
      if (abort.signal.aborted) return;
      this.#handle({ type: "failed", attempt, failure: failureOf(error) });
    }
  }

  #desktopEvents(attempt: number, closed: AbortSignal): DesktopEvents {
    return {
      stage: (stage) => this.#handle({ type: "stage", attempt, stage }),
      opened: () => this.#handle({ type: "opened", attempt }),
      failed: (failure) => this.#handle({ type: "failed", attempt, failure }),
      decoded: () => this.#handle({ type: "frame", attempt }),
      // A video element reports a last, empty frame when its track ends.
      firstFrame: () => {
        if (closed.aborted) return;
        this.#handle({ type: "frame", attempt });
        this.#events.firstFrame();
      },
      softKeysChanged: () => this.#events.softKeysChanged(),
      zoomed: () => this.#events.zoomed(),
      soundChanged: () => closed.aborted || this.#events.soundChanged(),
      notice: (notice) => this.#events.notice(notice),
      together: (message) => closed.aborted || this.#events.together(message),
      leave: () => this.#events.leave(),
    };
  }
}

function failureOf(error: unknown): Failure {
  if (error instanceof ConnectError) return error.failure;
  return { reason: phrase("notStarted", { error: String(error) }), retry: false };
}
