// Why a way to the desktop failed, in words for a person.

import type { Code, Problem, ServerSignal } from "./protocol.js";

export interface Failure {
  /** What happened and what to do, as one sentence or more. */
  reason: string;
  /** The server's stable code; absent for what the browser found out by itself. */
  code?: Code;
  /** Whether the same thing may work a moment later. */
  retry: boolean;
}

/** How far an attempt has come; a failure names what it was waiting for. */
export type Stage =
  "join" | "signaling" | "welcome" | "answer" | "network" | "channel" | "picture" | "vnc";

const WAITING_FOR: Record<Stage, string> = {
  join: "the server did not answer the request to connect",
  signaling: "the WebSocket to the server did not open; a proxy may be blocking WebSockets",
  welcome: "the session's streamer did not answer",
  answer: "the streamer did not answer the WebRTC offer",
  network:
    "no network path to the streamer was found; a firewall may be blocking UDP, or the server has no reachable address",
  channel: "a network path was found, but the encrypted channel did not open",
  picture: "no picture came over the connection; the browser may be unable to play this video",
  vnc: "the VNC server did not start to talk",
};

export function timeoutFailure(stage: Stage, seconds: number): Failure {
  return { reason: `${WAITING_FOR[stage]} (waited ${seconds} s)`, retry: true };
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

export function lostFailure(reason: string): Failure {
  return { reason, retry: true };
}

export function signalFailure(error: ServerSignal & { type: "error" }): Failure {
  return { reason: error.message, code: error.code, retry: error.retry };
}

/** An error answer of the HTTP API; `body` is whatever came, a `Problem` from our server. */
export function httpFailure(status: number, body: unknown): Failure {
  const retry = status >= 500 || status === 429;
  if (isProblem(body)) {
    return {
      reason: body.detail,
      code: body.code,
      retry: retry || body.code === "streamer-unreachable",
    };
  }
  return { reason: `The server answered with status ${status}.`, retry };
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
