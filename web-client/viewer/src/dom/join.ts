// Asks the API for a token that opens one WebSocket.

import { httpFailure, type Failure } from "../core/failure.js";
import { decodeJoin } from "../core/join.js";
import { phrase } from "../core/texts.js";
import { PROTOCOL_VERSION, type Hello, type Join, type JoinRequest } from "../core/protocol.js";
import type { DesktopOptions } from "./desktop.js";
import { seat } from "./seat.js";

/** Carries a `Failure` through a promise. */
export class ConnectError extends Error {
  override readonly name = "ConnectError";

  constructor(readonly failure: Failure) {
    super(typeof failure.reason === "string" ? failure.reason : failure.reason.text);
  }
}

/** @throws ConnectError, or whatever `fetch` throws when `signal` aborts. */
export async function requestJoin(options: DesktopOptions, signal: AbortSignal): Promise<Join> {
  const [path, request] = requestOf(options);
  const response = await post(`${options.src.replace(/\/$/, "")}/${path}`, request, signal);
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw new ConnectError(httpFailure(response.status, body));
  try {
    return decodeJoin(body);
  } catch (error) {
    const reason = phrase("unreadable", { error: String(error) });
    throw new ConnectError({ reason, retry: false });
  }
}

/** Accounts connect; guests join by a link. */
function requestOf({ roleWanted, name, share }: DesktopOptions): [string, object] {
  const role = roleWanted ? { role: roleWanted } : {};
  if (share === null) return ["connect", { ...role, ...(name === null ? {} : { name }) }];
  const request: JoinRequest = { secret: share, name: name ?? "", seat: seat(), ...role };
  return ["join", request];
}

export function helloMessage(join: Join): string {
  const hello: Hello = { version: PROTOCOL_VERSION, token: join.token };
  return JSON.stringify(hello);
}

/** A path of our origin as a WebSocket's address. */
export function webSocketUrl(path: string): string {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

async function post(url: string, body: object, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(url, {
      method: "POST",
      credentials: "same-origin",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal,
    });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ConnectError({ reason: phrase("unreachable"), retry: true });
  }
}
