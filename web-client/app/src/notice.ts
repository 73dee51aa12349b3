// What went wrong, in words, on a page or in a corner of it.

import { ApiError } from "./api.js";
import { element, type Child } from "./html.js";
import { phrase, say } from "./texts.js";

export function errorText(error: unknown): string {
  if (!(error instanceof ApiError)) return say(phrase("unreachable"));
  const { problem, status } = error;
  return problem?.detail ?? say(phrase("answeredStatus", { status: String(status) }));
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

const UP = "streamspace up";
const LINK = "streamspace link";

export function signInPage(problem: string | null): HTMLElement {
  const prints = say(phrase("printsAddress", { up: UP, link: LINK }));
  return messagePage(
    say(phrase("signIn")),
    ...(problem === null ? [] : [element("p", { className: "problem" }, problem)]),
    element("p", {}, say(phrase("openAddress"))),
    element("p", {}, ...withCode(prints, [UP, LINK])),
  );
}

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
function withCode(text: string, commands: string[]): Child[] {
  return text
    .split(new RegExp(`(${commands.join("|")})`))
    .map((part) => (commands.includes(part) ? element("code", {}, part) : part));
}

export function homeLink(): HTMLAnchorElement {
  return element("a", { href: "/", className: "button" }, say(phrase("allDesktops")));
}
