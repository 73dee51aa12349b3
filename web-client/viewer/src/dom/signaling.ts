// The signaling WebSocket: hello first, then JSON messages both ways.

import { parseServerSignal } from "../core/decode.js";
import type { Closing } from "../core/failure.js";
import type { ClientSignal, Join, ServerSignal } from "../core/protocol.js";
import { helloMessage, webSocketUrl } from "./join.js";

export interface SignalingEvents {
  opened(): void;
  signal(signal: ServerSignal): void;
  malformed(error: unknown): void;
  closed(closing: Closing): void;
}

export class Signaling {
  readonly #socket: WebSocket;

  constructor(join: Join, events: SignalingEvents) {
    this.#socket = new WebSocket(webSocketUrl(join.signalPath));
    this.#socket.onopen = () => {
      this.#socket.send(helloMessage(join));
      events.opened();
    };
    this.#socket.onmessage = ({ data }) => this.#receive(data, events);
    this.#socket.onclose = (event) => events.closed(event);
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Does nothing once the socket is closed: a connection that stands needs no signaling. */
  send(signal: ClientSignal): void {
    if (this.isOpen) this.#socket.send(JSON.stringify(signal));
  }

  close(): void {
    this.send({ type: "bye" });
    this.#socket.onopen = null;
    this.#socket.onmessage = null;
    this.#socket.onclose = null;
    this.#socket.close();
  }

  #receive(data: unknown, events: SignalingEvents): void {
    let signal: ServerSignal;
    try {
      signal = parseServerSignal(String(data));
    } catch (error) {
      events.malformed(error);
      return;
    }
    events.signal(signal);
  }
}
