// The sessions there are, with what can be done about each.

import type { Phrase } from "@streamspace/viewer/language";
import type { SessionSummary } from "./describe.js";
import { actionButton, element } from "./html.js";
import type { Phase } from "./api-types.js";
import { sessionPath } from "./route.js";
import { phrase, say } from "./texts.js";

const PHASES: Readonly<Record<Phase, Phrase>> = {
  Pending: phrase("phasePending"),
  Running: phrase("phaseRunning"),
  Hibernated: phrase("phaseHibernated"),
  Failed: phrase("phaseFailed"),
  Terminated: phrase("phaseTerminated"),
};

/** What can be done with a session, besides opening it. */
export interface SessionActions {
  end(id: string): Promise<void>;
  hibernate(id: string): Promise<void>;
}

export function sessionList(sessions: SessionSummary[], actions: SessionActions): HTMLElement {
  const rows = sessions.map((session) => sessionRow(session, actions));
  return element(
    "div",
    {},
    element("h2", {}, say(phrase("yourSessions"))),
    element("ul", {}, ...rows),
  );
}

function sessionRow(session: SessionSummary, actions: SessionActions): HTMLElement {
  const { id, what, phase, canOpen, canHibernate, failure } = session;
  const phaseBadge = element("span", { className: "phase" }, say(PHASES[phase]));
  phaseBadge.dataset["phase"] = phase;
  const endName = say(phrase(failure ? "remove" : "end"));
  const endButton = actionButton("button", endName, () => actions.end(id));
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
      element(
        "span",
        { className: "actions" },
        ...(canOpen ? [openLink(id)] : []),
        ...(canHibernate ? [hibernateButton(id, actions)] : []),
        endButton,
      ),
    ),
    ...(failure ? [failureText(failure)] : []),
  );
}

function hibernateButton(id: string, { hibernate }: SessionActions): HTMLElement {
  const button = actionButton("button", say(phrase("hibernate")), () => hibernate(id));
  button.ariaLabel = say(phrase("hibernateOne", { name: id }));
  button.title = say(phrase("hibernateMeans"));
  return button;
}

function openLink(id: string): HTMLElement {
  const ariaLabel = say(phrase("openOne", { name: id }));
  return element(
    "a",
    { href: sessionPath(id), className: "button primary", ariaLabel },
    say(phrase("open")),
  );
}

export function failureText({
  message,
  code,
}: {
  message: string;
  code?: string | null;
}): HTMLElement {
  return element(
    "p",
    { className: "problem" },
    message,
    ...(code == null ? [] : [" ", element("code", {}, code)]),
  );
}
