// Sessions and templates in words.

import type { Saying } from "@streamspace/viewer/language";
import type { Condition, Phase, Session, Template } from "./api-types.js";
import { phrase } from "./texts.js";

export interface SessionSummary {
  id: string;
  /** The template's name, or the command. */
  what: string;
  phase: Phase;
  canOpen: boolean;
  canHibernate: boolean;
  /** Why it is not, or no longer, running. */
  failure: Condition | null;
}

export function summarize(session: Session): SessionSummary {
  const phase = session.status?.phase ?? "Pending";
  return {
    id: session.metadata.name,
    what: session.spec.template ?? session.spec.command?.join(" ") ?? "",
    phase,
    canOpen: phase === "Running" || phase === "Pending" || phase === "Hibernated",
    canHibernate: phase === "Running",
    failure: phase === "Failed" ? failedCondition(session) : null,
  };
}

/** What does not hold, and says why. `Ready` sums the others up, so it comes last. */
function failedCondition(session: Session): Condition | null {
  const failed = session.status?.conditions.filter(({ status }) => status === "False") ?? [];
  return failed.find(({ type }) => type !== "Ready") ?? failed[0] ?? null;
}

/** What a session is waiting for, from the conditions that are not there yet. */
export function progressOf(session: Session): Saying {
  const waiting = session.status?.conditions.find(({ status }) => status !== "True");
  return waiting?.message || phrase("starting");
}

export function isOver(session: Session): boolean {
  const phase = session.status?.phase;
  return phase === "Terminated" || phase === "Failed" || phase === "Hibernated";
}

/** Templates of a category stand together. */
export function inCatalogOrder(templates: Template[]): Template[] {
  return [...templates].sort(
    (a, b) =>
      a.spec.category.localeCompare(b.spec.category) ||
      a.spec.displayName.localeCompare(b.spec.displayName),
  );
}

/** Whether an icon is a picture's address rather than an emoji. */
export function isPicture(icon: string): boolean {
  return /^(\/|https?:|data:)/.test(icon);
}
