// What went wrong, in words, on a page or in a corner of it.

import { ApiError } from "./api.js";
import { element, type Child } from "./html.js";

export function errorText(error: unknown): string {
  if (error instanceof ApiError) return error.message;
  return "The server cannot be reached. Check that it is running; this page tries again.";
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

export function signInPage(problem: string | null): HTMLElement {
  return messagePage(
    "Sign in",
    ...(problem === null ? [] : [element("p", { className: "problem" }, problem)]),
    element("p", {}, "Open the address that the server printed when it started."),
    element(
      "p",
      {},
      element("code", {}, "streamspace up"),
      " prints it, and ",
      element("code", {}, "streamspace link"),
      " prints a new one.",
    ),
  );
}

/** Lies over a desktop that goes on without the sign-in. */
export function signedOutNotice(): HTMLElement {
  const notice = element("aside", { className: "notice signed-out", role: "alert" });
  const dismiss = element("button", { type: "button", className: "button" }, "Dismiss");
  dismiss.onclick = () => (notice.hidden = true);
  const text =
    "Your sign-in has expired. This desktop goes on for as long as its connection holds. " +
    "To sign in again, open a new address in another tab; this prints one: ";
  notice.append(element("p", {}, text, element("code", {}, "streamspace link")), dismiss);
  return notice;
}

export function homeLink(): HTMLAnchorElement {
  return element("a", { href: "/", className: "button" }, "All desktops");
}
