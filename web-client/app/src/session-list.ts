// The sessions there are, with what can be done about each.

import type { Phrase } from "@streamspace/viewer/language";
import type { SessionSummary } from "./describe.js";
import { actionButton, element } from "./html.js";
import type { Phase } from "./objects.js";
import { sessionPath } from "./route.js";
import { phrase, say } from "./texts.js";

const PHASES: Readonly<Record<Phase, Phrase>> = {
  Pending: phrase("phasePending"),
  Running: phrase("phaseRunning"),
  Hibernated: phrase("phaseHibernated"),
  Failed: phrase("phaseFailed"),
  Terminated: phrase("phaseTerminated"),
};

export function sessionList(
  sessions: SessionSummary[],
  end: (id: string) => Promise<void>,
): HTMLElement {
  const rows = sessions.map((session) => sessionRow(session, end));
  return element(
    "div",
    {},
    element("h2", {}, say(phrase("yourSessions"))),
    element("ul", {}, ...rows),
  );
}

function sessionRow(session: SessionSummary, end: (id: string) => Promise<void>): HTMLElement {
  const { id, what, phase, canOpen, failure } = session;
  const phaseBadge = element("span", { className: "phase" }, say(PHASES[phase]));
  phaseBadge.dataset["phase"] = phase;
  const endButton = actionButton("button", say(phrase(failure ? "remove" : "end")), () => end(id));
  endButton.ariaLabel = say(phrase(failure ? "removeOne" : "endOne", { name: id }));
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
  const ariaLabel = say(phrase("openOne", { name: id }));
  return element(
    "a",
    { href: sessionPath(id), className: "button primary", ariaLabel },
    say(phrase("open")),
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
