// Why a way to the desktop failed, in words for a person.

import type { Phrase, Saying } from "./language.js";
import type { Code, Problem, ServerSignal } from "./protocol.js";
import { phrase } from "./texts.js";

export interface Failure {
  /** What happened and what to do: a clause or more, or the server's words. */
  reason: Saying;
  /** The server's stable code; absent for what the browser found out by itself. */
  code?: Code;
  /** Whether the same thing may work a moment later. */
  retry: boolean;
}

/** How far an attempt has come; a failure names what it was waiting for. */
export type Stage =
  "join" | "signaling" | "welcome" | "answer" | "network" | "channel" | "picture" | "vnc";

const WAITING_FOR: Record<Stage, Phrase> = {
  join: phrase("noJoin"),
  signaling: phrase("noSignaling"),
  welcome: phrase("noWelcome"),
  answer: phrase("noAnswer"),
  network: phrase("noNetwork"),
  channel: phrase("noChannel"),
  picture: phrase("noPicture"),
  vnc: phrase("noVnc"),
};

export function timeoutFailure(stage: Stage, seconds: number): Failure {
  return { reason: phrase("waited", { reason: WAITING_FOR[stage], seconds }), retry: true };
}

/** The gateway's close code for a refusal that no retry mends; 4001 is one that may be mended. */
const CLOSED_FOR_GOOD = 4000;

/** What is read of a `CloseEvent`; `reason` is often empty. */
export interface Closing {
  code: number;
  reason: string;
}

/** A WebSocket that closed too early. */
export function closedFailure(stage: Stage, { code, reason }: Closing): Failure {
  return { reason: reason === "" ? WAITING_FOR[stage] : reason, retry: code !== CLOSED_FOR_GOOD };
}

/** The browser has found no way through the network, or lost it before anything came. */
export function networkFailure(): Failure {
  return { reason: WAITING_FOR.network, retry: true };
}

export function lostFailure(reason: Phrase): Failure {
  return { reason, retry: true };
}

export function signalFailure({ message, code, retry }: ServerSignal & { type: "error" }): Failure {
  return { reason: inOurWords(code, message), code, retry };
}

/** What people cause is told in the viewer's language; the rest in the server's words. */
const OUR_WORDS: Partial<Record<Code, Phrase>> = {
  removed: phrase("removed"),
  "share-invalid": phrase("shareInvalid"),
  "share-expired": phrase("shareExpired"),
  "role-changed": phrase("roleChanged"),
  "vnc-disabled": phrase("vncDisabled"),
};

function inOurWords(code: Code, words: string): Saying {
  return OUR_WORDS[code] ?? words;
}

/** An error answer of the HTTP API; `body` is whatever came, a `Problem` from our server. */
export function httpFailure(status: number, body: unknown): Failure {
  const retry = status >= 500 || status === 429;
  if (isProblem(body)) {
    return {
      reason: inOurWords(body.code, body.detail),
      code: body.code,
      retry: retry || body.code === "streamer-unreachable",
    };
  }
  return { reason: phrase("answeredStatus", { status }), retry };
}

function isProblem(body: unknown): body is Problem {
  const fields = body as Partial<Problem> | null;
  return typeof fields?.code === "string" && typeof fields.detail === "string";
}

/** Failures of the WebRTC path alone: VNC reaches the same desktop without the streamer. */
const ONLY_WEBRTC: ReadonlySet<Code> = new Set<Code>([
  "negotiation-failed",
  "encoder-unavailable",
  "streamer-failed",
  "streamer-unreachable",
  "sound-failed",
]);

/** Whether no path can work any more. */
export function endsSession(failure: Failure): boolean {
  return !failure.retry && (failure.code === undefined || !ONLY_WEBRTC.has(failure.code));
}
