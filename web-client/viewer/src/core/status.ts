// What the status bar says in each state of the connection.

import type { ConnectionState } from "./connection.js";
import type { Phrase, Saying } from "./language.js";
import type { Code } from "./protocol.js";
import { phrase } from "./texts.js";

export type StatusAction = "try-webrtc" | "connect";

export interface Status {
  /** `null`: nothing to say. */
  text: Saying | null;
  /** `done` is read out and not shown: what it says can be seen. */
  tone: "done" | "busy" | "warning" | "ended";
  action?: StatusAction;
  /** Whether it is worth finding out what stands in the way. */
  isExaminable?: boolean;
}

export const ACTION_LABELS: Readonly<Record<StatusAction, Phrase>> = {
  "try-webrtc": phrase("tryWebrtc"),
  connect: phrase("connectAgain"),
};

/** What nothing on the way has caused. */
function isOver(code: Code | undefined): boolean {
  return code !== undefined && OVER.has(code);
}

const OVER: ReadonlySet<Code> = new Set<Code>([
  "removed",
  "share-invalid",
  "share-expired",
  "session-not-found",
  "session-not-running",
  "unauthenticated",
  "forbidden",
]);

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
            isExaminable: true,
          };
    case "reconnecting":
      return {
        text: phrase("reconnecting", { reason: state.reason }),
        tone: "busy",
        isExaminable: true,
      };
    case "ended":
      return {
        text: state.reason,
        tone: "ended",
        action: "connect",
        isExaminable: state.failed && !isOver(state.code),
      };
  }
}
