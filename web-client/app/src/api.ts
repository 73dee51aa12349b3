// The REST API, typed.

import type { Problem } from "@streamspace/viewer";
import type {
  AssertionInput as Assertion,
  Catalog,
  NewSessionInput as NewSession,
  Session,
  SessionList,
  SignInMethods,
} from "./api-types.js";

/** An answer that is an error. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly status: number,
    readonly problem: Problem | null,
    /** After how many seconds it may be worth another try. */
    readonly retryAfterS: number | null = null,
  ) {
    super(problem?.detail ?? `status ${status}`);
  }
}

export const API = "/api/v1";

export function sessionAddress(id: string): string {
  return `${API}/sessions/${encodeURIComponent(id)}`;
}

export function listTemplates(): Promise<Catalog> {
  return request("GET", `${API}/templates`);
}

export function listSessions(): Promise<SessionList> {
  return request("GET", `${API}/sessions`);
}

export function createSession(session: NewSession): Promise<Session> {
  return request("POST", `${API}/sessions`, session);
}

export function getSession(id: string): Promise<Session> {
  return request("GET", sessionAddress(id));
}

export async function endSession(id: string): Promise<void> {
  await request("DELETE", sessionAddress(id));
}

/** Ends its programs and keeps its files. */
export function hibernateSession(id: string): Promise<Session> {
  return request("PUT", `${sessionAddress(id)}/hibernate`);
}

/** Starts a hibernated session again. */
export function wakeSession(id: string): Promise<Session> {
  return request("PUT", `${sessionAddress(id)}/wake`);
}

/** A one-time token, a passkey, or what somebody has who has a password. */
export type SignIn =
  | { token: string }
  | { passkey: Assertion }
  | { name: string; password: string; code?: string; passkey?: Assertion };

/** How people may sign in, beside links and passwords. */
export function signInMethods(): Promise<SignInMethods> {
  return request("GET", `${API}/auth/methods`);
}

export async function signIn(shown: SignIn): Promise<void> {
  await request("POST", `${API}/auth/login`, shown);
}

/** @throws ApiError, or a TypeError when the server cannot be reached. */
export async function request<T>(method: string, path: string, body?: object): Promise<T> {
  const response = await fetch(path, {
    method,
    credentials: "same-origin",
    ...(body && {
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    }),
  });
  const answer: unknown = await response.json().catch(() => null);
  if (!response.ok) {
    const wait = Number(response.headers.get("retry-after") ?? NaN);
    const retryAfterS = Number.isFinite(wait) ? wait : null;
    throw new ApiError(response.status, readProblem(answer), retryAfterS);
  }
  return answer as T;
}

function readProblem(answer: unknown): Problem | null {
  const problem = answer as Partial<Problem> | null;
  return typeof problem?.detail === "string" ? (problem as Problem) : null;
}
