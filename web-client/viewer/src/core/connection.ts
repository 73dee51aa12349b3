// Which way leads to the desktop now, and what to do when it breaks.
//
//                      connect                    failed, or 5 s (path auto)
//   idle, ended ──────▶ connecting-webrtc ───────────────────────▶ falling-back
//                        │    ▲                                      │
//                 opened │    │ timer                                │ opened
//                        ▼    │              lost                    ▼
//         connected-webrtc ──▶ reconnecting ◀───────────────────── vnc
//                                  │    ▲                            ▲
//                            timer ▼    │ failed                     │ opened
//                              connecting-vnc (path vnc) ────────────┘
//
//   With path auto, `connected-webrtc` goes to `falling-back` when no picture comes within 5 s, when
//   WebRTC fails for good, and when it has broken several times soon after it connected.
//   Every state goes to `ended` on a failure that no retry can mend, and on `disconnect`.
//
// Events go in, effects come out; time and the transports belong to the caller. Each attempt has a
// number, so what a closed transport or an old timer still reports is recognised and dropped.

import { backoffMs } from "./backoff.js";
import { endsSession, timeoutFailure, type Failure, type Stage } from "./failure.js";
import type { Saying } from "./language.js";
import type { Code } from "./protocol.js";
import { phrase } from "./texts.js";

export type Path = "webrtc" | "vnc";
/** `auto` is WebRTC, and VNC where that fails. */
export type PathPreference = "auto" | Path;

export type ConnectionState =
  | { name: "idle" }
  | { name: "connecting-webrtc" }
  | { name: "connected-webrtc" }
  /** VNC is being opened because WebRTC failed. */
  | { name: "falling-back"; reason: Saying }
  /** VNC is being opened because it was chosen. */
  | { name: "connecting-vnc" }
  /** `reason`: why it is not WebRTC; absent where VNC was chosen. */
  | { name: "vnc"; reason?: Saying }
  | { name: "reconnecting"; path: Path; reason: Saying }
  /** `failed`: nobody asked for the end. */
  | { name: "ended"; reason: Saying; failed: boolean; code?: Code };

export type ConnectionEvent =
  | { type: "connect"; preference: PathPreference }
  | { type: "disconnect" }
  /** The machine is online again, or has got another network. */
  | { type: "network-changed" }
  | { type: "stage"; attempt: number; stage: Stage }
  | { type: "opened"; attempt: number }
  /** The first picture has been decoded; that may be before `opened`. */
  | { type: "frame"; attempt: number }
  | { type: "failed"; attempt: number; failure: Failure }
  | { type: "timer"; attempt: number };

export type ConnectionEffect =
  | { type: "open"; path: Path; attempt: number }
  | { type: "close" }
  /** The desktop that is open finds itself a new way through the network. */
  | { type: "mend" }
  /** One timer runs at a time: a new one replaces the last. */
  | { type: "timer"; attempt: number; ms: number };

export const WEBRTC_TIMEOUT_MS = 5_000;
export const VNC_TIMEOUT_MS = 10_000;
/** Over WebRTC input can work while no picture comes, or none that the browser can decode. */
export const FRAME_TIMEOUT_MS = 5_000;
/** A connection that lasts this long is a good one: the next loss starts with a short wait. */
export const STEADY_MS = 5_000;
/** After WebRTC has worked, a streamer that starts again gets this many attempts before VNC. */
const WEBRTC_RETRIES = 3;

type CurrentEvent = Extract<ConnectionEvent, { attempt: number }>;

export class Connection {
  #state: ConnectionState = { name: "idle" };
  #preference: PathPreference = "auto";
  #attempt = 0;
  #stage: Stage = "join";
  #retries = 0;
  #hasFrame = false;
  #webrtcHasWorked = false;
  readonly #random: () => number;

  /** `random` gives numbers from 0 to 1, which spread reconnects after a server restart. */
  constructor(random: () => number) {
    this.#random = random;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  handle(event: ConnectionEvent): ConnectionEffect[] {
    switch (event.type) {
      case "connect":
        return this.#start(event.preference);
      case "disconnect":
        return this.#end({ name: "ended", reason: phrase("disconnected"), failed: false });
      case "network-changed":
        return this.#networkChanged();
      default:
        return event.attempt === this.#attempt ? this.#handleCurrent(event) : [];
    }
  }

  #handleCurrent(event: CurrentEvent): ConnectionEffect[] {
    switch (event.type) {
      case "stage":
        this.#stage = event.stage;
        return [];
      case "opened":
        return this.#opened();
      case "frame":
        return this.#framed();
      case "failed":
        return this.#failed(event.failure);
      case "timer":
        return this.#timedOut();
    }
  }

  #start(preference: PathPreference): ConnectionEffect[] {
    this.#preference = preference;
    this.#retries = 0;
    this.#webrtcHasWorked = false;
    return [{ type: "close" }, ...this.#reopen(firstPath(preference))];
  }

  #networkChanged(): ConnectionEffect[] {
    switch (this.#state.name) {
      case "reconnecting":
        return this.#reopen(this.#state.path);
      case "connected-webrtc":
        return [{ type: "mend" }];
      default:
        return [];
    }
  }

  #reopen(path: Path): ConnectionEffect[] {
    this.#state = { name: path === "webrtc" ? "connecting-webrtc" : "connecting-vnc" };
    return this.#open(path);
  }

  #open(path: Path): ConnectionEffect[] {
    this.#attempt += 1;
    this.#stage = "join";
    this.#hasFrame = false;
    const ms = path === "webrtc" ? WEBRTC_TIMEOUT_MS : VNC_TIMEOUT_MS;
    return [{ type: "open", path, attempt: this.#attempt }, this.#timer(ms)];
  }

  #opened(): ConnectionEffect[] {
    switch (this.#state.name) {
      case "connecting-webrtc":
        this.#state = { name: "connected-webrtc" };
        return this.#hasFrame ? this.#framed() : [this.#timer(FRAME_TIMEOUT_MS)];
      case "falling-back":
        this.#state = { name: "vnc", reason: this.#state.reason };
        return [this.#timer(STEADY_MS)];
      case "connecting-vnc":
        this.#state = { name: "vnc" };
        return [this.#timer(STEADY_MS)];
      default:
        return [];
    }
  }

  #framed(): ConnectionEffect[] {
    this.#hasFrame = true;
    if (this.#state.name !== "connected-webrtc") return [];
    this.#webrtcHasWorked = true;
    return [this.#timer(STEADY_MS)];
  }

  #timer(ms: number): ConnectionEffect {
    return { type: "timer", attempt: this.#attempt, ms };
  }

  #timedOut(): ConnectionEffect[] {
    switch (this.#state.name) {
      case "connecting-webrtc":
        return this.#failed(timeoutFailure(this.#stage, WEBRTC_TIMEOUT_MS / 1000));
      case "falling-back":
      case "connecting-vnc":
        return this.#failed(timeoutFailure(this.#stage, VNC_TIMEOUT_MS / 1000));
      case "reconnecting":
        return this.#reopen(this.#state.path);
      case "connected-webrtc":
        return this.#hasFrame ? this.#steady() : this.#noPicture();
      case "vnc":
        return this.#steady();
      default:
        return [];
    }
  }

  #steady(): ConnectionEffect[] {
    this.#retries = 0;
    return [];
  }

  #noPicture(): ConnectionEffect[] {
    const failure = timeoutFailure("picture", FRAME_TIMEOUT_MS / 1000);
    return this.#preference === "auto" ? this.#fallBack(failure) : this.#reconnect(failure);
  }

  #failed(failure: Failure): ConnectionEffect[] {
    if (endsSession(failure)) return this.#end(endedBy(this.#told(failure)));
    switch (this.#state.name) {
      case "connecting-webrtc":
        return this.#shouldFallBack(failure) ? this.#fallBack(failure) : this.#reconnect(failure);
      case "falling-back":
        return this.#reconnect(this.#told(failure));
      case "connected-webrtc":
        return this.#shouldGiveUpWebrtc(failure)
          ? this.#fallBack(failure)
          : this.#reconnect(failure);
      case "connecting-vnc":
      case "vnc":
        return this.#reconnect(failure);
      default:
        return [];
    }
  }

  /** Of VNC in WebRTC's stead both reasons are told; what ends people's stay speaks for itself. */
  #told(failure: Failure): Failure {
    const isOfVnc = failure.retry || failure.code === "vnc-disabled";
    if (this.#state.name !== "falling-back" || !isOfVnc) return failure;
    const reason = phrase("bothFailed", { webrtc: this.#state.reason, vnc: failure.reason });
    return { ...failure, reason };
  }

  #shouldFallBack(failure: Failure): boolean {
    if (this.#preference !== "auto") return false;
    // Without an answer to "connect" there is no token for VNC either.
    if (this.#stage === "join") return false;
    const streamerMayReturn = this.#webrtcHasWorked && failure.retry && failure.code !== undefined;
    return !(streamerMayReturn && this.#retries < WEBRTC_RETRIES);
  }

  /** Of a connection that stood: no retry mends it, or it has broken again and again. */
  #shouldGiveUpWebrtc(failure: Failure): boolean {
    if (this.#preference !== "auto") return false;
    return !failure.retry || this.#retries >= WEBRTC_RETRIES;
  }

  #fallBack(failure: Failure): ConnectionEffect[] {
    this.#state = { name: "falling-back", reason: failure.reason };
    return [{ type: "close" }, ...this.#open("vnc")];
  }

  #reconnect(failure: Failure): ConnectionEffect[] {
    if (!failure.retry) return this.#end(endedBy(failure));
    const path = firstPath(this.#preference);
    this.#state = { name: "reconnecting", path, reason: failure.reason };
    const ms = backoffMs(this.#retries, this.#random());
    this.#retries += 1;
    this.#attempt += 1;
    return [{ type: "close" }, this.#timer(ms)];
  }

  #end(state: ConnectionState & { name: "ended" }): ConnectionEffect[] {
    this.#state = state;
    this.#attempt += 1;
    return [{ type: "close" }];
  }
}

function endedBy({ reason, code }: Failure): ConnectionState & { name: "ended" } {
  return { name: "ended", reason, failed: true, ...(code === undefined ? {} : { code }) };
}

function firstPath(preference: PathPreference): Path {
  return preference === "vnc" ? "vnc" : "webrtc";
}

/** The path that a state uses or is trying. */
export function pathOf(state: ConnectionState): Path | null {
  switch (state.name) {
    case "idle":
    case "ended":
      return null;
    case "connecting-webrtc":
    case "connected-webrtc":
      return "webrtc";
    case "falling-back":
    case "connecting-vnc":
    case "vnc":
      return "vnc";
    case "reconnecting":
      return state.path;
  }
}
