// What the status bar says in each state of the connection.

import type { ConnectionState } from "./connection.js";

export type StatusAction = "try-webrtc" | "connect";

export interface Status {
  /** Empty: nothing to say, the bar hides. */
  text: string;
  tone: "busy" | "warning" | "ended";
  action?: StatusAction;
}

export function connectionStatus(state: ConnectionState): Status {
  switch (state.name) {
    case "idle":
    case "connected-webrtc":
      return { text: "", tone: "busy" };
    case "connecting-webrtc":
      return { text: "Connecting …", tone: "busy" };
    case "connecting-vnc":
      return { text: "Connecting by VNC …", tone: "busy" };
    case "falling-back":
      return {
        text: `Falling back to VNC because WebRTC failed: ${clause(state.reason)} …`,
        tone: "busy",
      };
    case "vnc":
      return state.reason === undefined
        ? { text: "", tone: "busy" }
        : {
            text: `Fell back to VNC because WebRTC failed: ${clause(state.reason)}.`,
            tone: "warning",
            action: "try-webrtc",
          };
    case "reconnecting":
      return { text: `No connection: ${clause(state.reason)}. Reconnecting …`, tone: "busy" };
    case "ended":
      return { text: state.reason, tone: "ended", action: "connect" };
  }
}

/** A reason within a sentence. */
function clause(reason: string): string {
  return reason.replace(/\.$/, "");
}
