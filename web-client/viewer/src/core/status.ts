// What the status bar says in each state of the connection.

import type { ConnectionState } from "./connection.js";
import type { Phrase, Saying } from "./language.js";
import { phrase } from "./texts.js";

export type StatusAction = "try-webrtc" | "connect";

export interface Status {
  /** `null`: nothing to say. */
  text: Saying | null;
  /** `done` is read out and not shown: what it says can be seen. */
  tone: "done" | "busy" | "warning" | "ended";
  action?: StatusAction;
}

export const ACTION_LABELS: Readonly<Record<StatusAction, Phrase>> = {
  "try-webrtc": phrase("tryWebrtc"),
  connect: phrase("connectAgain"),
};

export function connectionStatus(state: ConnectionState): Status {
  switch (state.name) {
    case "idle":
      return { text: null, tone: "done" };
    case "connected-webrtc":
      return { text: phrase("connected"), tone: "done" };
    case "connecting-webrtc":
      return { text: phrase("connecting"), tone: "busy" };
    case "connecting-vnc":
      return { text: phrase("connectingByVnc"), tone: "busy" };
    case "falling-back":
      return { text: phrase("fallingBack", { reason: state.reason }), tone: "busy" };
    case "vnc":
      return state.reason === undefined
        ? { text: phrase("connected"), tone: "done" }
        : {
            text: phrase("fellBack", { reason: state.reason }),
            tone: "warning",
            action: "try-webrtc",
          };
    case "reconnecting":
      return { text: phrase("reconnecting", { reason: state.reason }), tone: "busy" };
    case "ended":
      return { text: state.reason, tone: "ended", action: "connect" };
  }
}
