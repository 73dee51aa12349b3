// The sessions there are, with what can be done about each.

import type { SessionSummary } from "./describe.js";
import { actionButton, element } from "./html.js";
import { sessionPath } from "./route.js";

export function sessionList(
  sessions: SessionSummary[],
  end: (id: string) => Promise<void>,
): HTMLElement {
  const rows = sessions.map((session) => sessionRow(session, end));
  return element("div", {}, element("h2", {}, "Your sessions"), element("ul", {}, ...rows));
}

function sessionRow(session: SessionSummary, end: (id: string) => Promise<void>): HTMLElement {
  const { id, what, phase, canOpen, failure } = session;
  const phaseBadge = element("span", { className: "phase" }, phase);
  phaseBadge.dataset["phase"] = phase;
  const endButton = actionButton("button", failure ? "Remove" : "End", () => end(id));
  endButton.ariaLabel = `${failure ? "Remove" : "End"} ${id}`;
  return element(
    "li",
    {},
    element(
      "div",
      { className: "session" },
      element("strong", {}, id),
      element("span", { className: "quiet" }, what),
      phaseBadge,
      element("span", { className: "actions" }, ...(canOpen ? [openLink(id)] : []), endButton),
    ),
    ...(failure ? [failureText(failure)] : []),
  );
}

function openLink(id: string): HTMLElement {
  return element(
    "a",
    { href: sessionPath(id), className: "button primary", ariaLabel: `Open ${id}` },
    "Open",
  );
}

export function failureText({ message, code }: { message: string; code?: string }): HTMLElement {
  return element(
    "p",
    { className: "problem" },
    message,
    ...(code === undefined ? [] : [" ", element("code", {}, code)]),
  );
}
