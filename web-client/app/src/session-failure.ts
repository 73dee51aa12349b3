// What the page of a session does when the API answers with an error.

import { ApiError } from "./api.js";

export type SessionFailure =
  /** Nothing can be shown before somebody signs in. */
  | "sign-in"
  /** The desktop's connection outlives the sign-in. */
  | "signed-out"
  | "no-such-session"
  | "ended"
  /** It may work a moment later. */
  | "trouble"
  /** The desktop itself says what its connection is doing. */
  | "none";

export function sessionFailure(error: unknown, isDesktopShown: boolean): SessionFailure {
  const status = error instanceof ApiError ? error.status : null;
  if (status === 401) return isDesktopShown ? "signed-out" : "sign-in";
  if (status === 404) return isDesktopShown ? "ended" : "no-such-session";
  return isDesktopShown ? "none" : "trouble";
}
