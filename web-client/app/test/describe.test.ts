import assert from "node:assert/strict";
import test from "node:test";
import { inCatalogOrder, isOver, isPicture, progressOf, summarize } from "../src/describe.js";
import { phrase } from "../src/texts.js";
import type { Condition, Phase, Session, Template } from "../src/api-types.js";

function session(phase: Phase, conditions: Condition[]): Session {
  return {
    apiVersion: "stream.space/v1alpha1",
    kind: "Session",
    metadata: { name: "xterm-1" },
    spec: {
      user: "me",
      command: ["xterm", "-geometry", "80x24"],
      state: "running",
      persistentHome: false,
      tags: [],
      display: { width: 1280, height: 720, fps: 60, encoder: "auto" },
    },
    status: { phase, conditions },
  };
}

function condition(type: string, status: string, message: string): Condition {
  return { type, status, reason: "Reason", message };
}

function template(name: string, category: string): Template {
  return {
    metadata: { name },
    spec: { displayName: name, category },
  } as Template;
}

test("a running session can be opened and is called by its command", () => {
  assert.deepEqual(summarize(session("Running", [])), {
    id: "xterm-1",
    what: "xterm -geometry 80x24",
    phase: "Running",
    canOpen: true,
    canHibernate: true,
    failure: null,
  });
});

test("a failed session shows the cause rather than the summary", () => {
  const ready = condition("Ready", "False", "A part failed.");
  const cause = condition("DisplayReady", "False", "Xvnc is not installed.");
  assert.equal(summarize(session("Failed", [ready, cause])).failure, cause);
  assert.equal(summarize(session("Failed", [ready])).failure, ready);
  assert.equal(summarize(session("Failed", [])).failure, null);
});

test("a session that starts says what it waits for", () => {
  const waiting = condition("DisplayReady", "Unknown", "The display is starting.");
  assert.equal(progressOf(session("Pending", [waiting])), "The display is starting.");
  assert.deepEqual(progressOf(session("Pending", [])), phrase("starting"));
});

test("a session is over when nothing of it runs", () => {
  const over = (["Pending", "Running", "Hibernated", "Failed", "Terminated"] as const).filter(
    (phase) => isOver(session(phase, [])),
  );
  assert.deepEqual(over, ["Hibernated", "Failed", "Terminated"]);
});

test("templates of a category stand together, in alphabetical order", () => {
  const catalog = [template("b", "Web"), template("a", "Web"), template("c", "Dev")];
  assert.deepEqual(
    inCatalogOrder(catalog).map(({ metadata }) => metadata.name),
    ["c", "a", "b"],
  );
});

test("icons are emoji or addresses", () => {
  assert.equal(isPicture("🦊"), false);
  assert.equal(isPicture("/icons/a.svg"), true);
  assert.equal(isPicture("https://example.org/a.png"), true);
});
