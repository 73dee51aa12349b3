// The VNC WebSocket: hello first, then RFB in binary messages; a text message is the gateway's.

import { parseServerSignal } from "../core/decode.js";
import { closedFailure, signalFailure, type Failure } from "../core/failure.js";
import type { Join } from "../core/protocol.js";
import { ConnectError, helloMessage, webSocketUrl } from "./join.js";

export interface VncChannelEvents {
  failed(failure: Failure): void;
  /** Bytes of RFB have come. */
  received(bytes: number): void;
  /** A piece of text that a program has copied. */
  copied(piece: string, last: boolean): void;
}

/** An open WebSocket that has said hello. @throws ConnectError */
export function openVncChannel(join: Join, events: VncChannelEvents): Promise<WebSocket> {
  const socket = new WebSocket(webSocketUrl(join.vncPath));
  socket.binaryType = "arraybuffer";
  // Before noVNC's own listeners, so that it sees nothing but RFB.
  socket.addEventListener("message", (event) => receive(event, events));
  return new Promise((resolve, reject) => {
    socket.addEventListener("open", () => {
      socket.send(helloMessage(join));
      resolve(socket);
    });
    socket.addEventListener("close", (event) => {
      // A refusal that the gateway has put into words came before, and was the one that counts.
      const failure = closedFailure("vnc", event);
      reject(new ConnectError(failure));
      events.failed(failure);
    });
  });
}

function receive(event: MessageEvent<unknown>, events: VncChannelEvents): void {
  if (event.data instanceof ArrayBuffer) {
    events.received(event.data.byteLength);
    return;
  }
  event.stopImmediatePropagation();
  try {
    const signal = parseServerSignal(String(event.data));
    if (signal.type === "copied") events.copied(signal.text, signal.last);
    if (signal.type === "error") events.failed(signalFailure(signal));
  } catch (error) {
    console.warn("ignored a message on the VNC connection:", error);
  }
}
