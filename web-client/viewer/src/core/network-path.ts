// What to do about the network path of a connection that stood: wait, negotiate a new one, give up.
//
//         silent for 500 ms, or failed            no path for 4 s
//   up ─────────────────────────────▶ restarting ────────────────▶ lost
//    ▲  or the machine's network changed    │
//    └──────────────────────────────────────┘ connected
//
// A restart of ICE (RFC 8445, section 9) keeps the session, its encryption and what it shows. It
// needs the signaling connection; without it the path is lost, and a new connection has to begin.

export type PathEvent =
  | { type: "connection"; state: "connected" | "disconnected" | "failed" }
  /** The machine came online or got another network. */
  | { type: "network-changed" }
  | { type: "timer" };

export type PathStep =
  | { type: "none" }
  /** The timer is of no use any more. */
  | { type: "calm" }
  /** Start the one timer anew. */
  | { type: "wait"; ms: number }
  /** Offer a restart, and start the timer anew. */
  | { type: "restart"; ms: number }
  | { type: "lost" };

/** A path is often silent for a moment only. */
export const SILENCE_MS = 500;
/** A restart that takes longer is slower than a new connection. */
export const RESTART_MS = 4_000;

export class NetworkPath {
  readonly #canRestart: () => boolean;
  #name: "up" | "silent" | "restarting" = "up";
  #isConnected = true;

  constructor(canRestart: () => boolean) {
    this.#canRestart = canRestart;
  }

  handle(event: PathEvent): PathStep {
    switch (event.type) {
      case "connection":
        this.#isConnected = event.state === "connected";
        return this.#connection(event.state);
      case "network-changed":
        return this.#networkChanged();
      case "timer":
        return this.#timedOut();
    }
  }

  #connection(state: "connected" | "disconnected" | "failed"): PathStep {
    if (state === "connected") return this.#up();
    // What fails during a restart may still be the old path.
    if (this.#name === "restarting") return { type: "none" };
    if (state === "failed") return this.#restartOrLose();
    this.#name = "silent";
    return { type: "wait", ms: SILENCE_MS };
  }

  #networkChanged(): PathStep {
    if (this.#name === "restarting" || !this.#canRestart()) return { type: "none" };
    return this.#restart();
  }

  #timedOut(): PathStep {
    switch (this.#name) {
      case "silent":
        return this.#restartOrLose();
      case "restarting":
        return this.#isConnected ? this.#up() : { type: "lost" };
      case "up":
        return { type: "none" };
    }
  }

  #restartOrLose(): PathStep {
    return this.#canRestart() ? this.#restart() : { type: "lost" };
  }

  #restart(): PathStep {
    this.#name = "restarting";
    return { type: "restart", ms: RESTART_MS };
  }

  #up(): PathStep {
    this.#name = "up";
    return { type: "calm" };
  }
}
