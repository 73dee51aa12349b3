// Looks for a gateway again while the desktop goes on without one.

import { backoffMs } from "../core/backoff.js";
import type { Join } from "../core/protocol.js";
import { ConnectError } from "./join.js";

export interface RejoinEvents {
  /** Asks for another token. */
  join(): Promise<Join>;
  joined(join: Join): void;
}

export class Rejoin {
  readonly #events: RejoinEvents;
  #tries = 0;
  #timer = 0;
  #isClosed = false;

  constructor(events: RejoinEvents) {
    this.#events = events;
  }

  /** Whether the last try has not worked yet. */
  get isTrying(): boolean {
    return this.#tries > 0;
  }

  /** The gateway is gone. */
  start(): void {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#try(), backoffMs(this.#tries, Math.random()));
    this.#tries += 1;
  }

  worked(): void {
    this.#tries = 0;
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  async #try(): Promise<void> {
    try {
      const join = await this.#events.join();
      if (!this.#isClosed) this.#events.joined(join);
    } catch (error) {
      // Who is let in no more keeps what there is, until the streamer says otherwise.
      const mayWork = error instanceof ConnectError && error.failure.retry;
      if (mayWork && !this.#isClosed) this.start();
    }
  }
}
