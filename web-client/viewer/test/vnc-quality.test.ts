import assert from "node:assert/strict";
import test from "node:test";
import { Connection } from "../src/core/connection.js";
import { connectionStatus } from "../src/core/status.js";
import { viewerLanguage } from "../src/core/texts.js";
import { choiceOf, qualityChoices, vncQuality } from "../src/core/vnc-quality.js";

const levels = (max?: number) => qualityChoices(max).map(({ level }) => level);

test("quality stays within the template's limit, and the usual one needs no wish", () => {
  assert.deepEqual(vncQuality(null), { quality: 6, compression: 2 });
  assert.equal(vncQuality(9, 3).quality, 3);
  assert.equal(vncQuality(-5).quality, 0);
  assert.ok(vncQuality(1).compression > vncQuality(9).compression);
});

test("what can be chosen ends at the limit", () => {
  assert.deepEqual(levels(), [1, 4, 6, 9]);
  assert.deepEqual(levels(4), [1, 4]);
  assert.deepEqual(levels(5), [1, 4, 5]);
  assert.deepEqual(levels(0), [0]);
  assert.deepEqual([choiceOf(6), choiceOf(5, 5), choiceOf(3)], [6, 5, 4]);
});

test("where VNC is switched off the end tells both reasons, and how to find out more", () => {
  const connection = new Connection(() => 0.5);
  connection.handle({ type: "connect", preference: "auto" });
  connection.handle({ type: "stage", attempt: 1, stage: "network" });
  connection.handle({ type: "failed", attempt: 1, failure: { reason: "no UDP", retry: true } });
  const failure = { reason: "VNC is off", code: "vnc-disabled", retry: false } as const;
  connection.handle({ type: "failed", attempt: 2, failure });
  const status = connectionStatus(connection.state);
  assert.equal(viewerLanguage(["en"]).say(status.text ?? ""), "WebRTC: no UDP. VNC: VNC is off");
  assert.equal(status.isExaminable, true);
});
