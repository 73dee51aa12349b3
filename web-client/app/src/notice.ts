// What went wrong, in words, on a page or in a corner of it.

import type { Phrase, Saying } from "@streamspace/viewer/language";
import { ApiError } from "./api.js";
import { element, type Child } from "./html.js";
import { language, phrase, say } from "./texts.js";

export function errorText(error: unknown): string {
  return language().say(errorSaying(error));
}

/** What people meet every day is said in their language, the rest as the server says it. */
export function errorSaying(error: unknown): Saying {
  if (!(error instanceof ApiError)) return phrase("unreachable");
  const { problem, status, retryAfterS } = error;
  switch (problem?.code) {
    case "credentials-wrong":
      return phrase("wrongCredentials");
    case "second-factor-wrong":
      return phrase("wrongCode");
    case "passkey-wrong":
      return phrase("wrongPasskey");
    case "too-many-tries":
      return phrase("tooManyTries", { count: Math.ceil((retryAfterS ?? 60) / 60) });
    default:
      return problem?.detail ?? phrase("answeredStatus", { status: String(status) });
  }
}

/** Why the identity provider has signed nobody in, by the code that stands in the address. */
export function providerProblem(code: string): Phrase {
  switch (code) {
    case "provider-unreachable":
      return phrase("providerUnreachable");
    case "sign-in-stale":
      return phrase("signInStale");
    case "not-admitted":
      return phrase("notAdmitted");
    default:
      return phrase("providerRefused");
  }
}

export function isSignInNeeded(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}

/** A page that holds one message. */
export function messagePage(title: string, ...body: Child[]): HTMLElement {
  return element(
    "main",
    { className: "message-page" },
    element("h1", {}, title),
    element("div", { className: "body" }, ...body),
  );
}

const LINK = "streamspace link";

/** Lies over a desktop that goes on without the sign-in. */
export function signedOutNotice(): HTMLElement {
  const notice = element("aside", { className: "notice signed-out", role: "alert" });
  const dismiss = element(
    "button",
    { type: "button", className: "button" },
    say(phrase("dismiss")),
  );
  dismiss.onclick = () => (notice.hidden = true);
  const text = say(phrase("signedOut", { link: LINK }));
  notice.append(element("p", {}, ...withCode(text, [LINK])), dismiss);
  return notice;
}

/** The commands in a text, wherever the language puts them, set as code. */
export function withCode(text: string, commands: string[]): Child[] {
  return text
    .split(new RegExp(`(${commands.join("|")})`))
    .map((part) => (commands.includes(part) ? element("code", {}, part) : part));
}

export function homeLink(): HTMLAnchorElement {
  return element("a", { href: "/", className: "button" }, say(phrase("allDesktops")));
}
