import assert from "node:assert/strict";
import test from "node:test";
import { closedFailure, httpFailure, timeoutFailure } from "../src/core/failure.js";
import type { Saying } from "../src/core/language.js";
import { connectionStatus } from "../src/core/status.js";
import { viewerLanguage } from "../src/core/texts.js";

const english = (saying: Saying | null) => viewerLanguage(["en"]).say(saying ?? "");

test("a problem of the API keeps its detail and its code", () => {
  const problem = { type: "x", title: "x", status: 403, code: "forbidden", detail: "Not yours." };
  assert.deepEqual(httpFailure(403, problem), {
    reason: "Not yours.",
    code: "forbidden",
    retry: false,
  });
});

test("an answer that is no problem still says what came", () => {
  const { reason, retry } = httpFailure(502, "<html>");
  assert.equal(english(reason), "The server answered with status 502.");
  assert.equal(retry, true);
  assert.equal(httpFailure(404, null).retry, false);
});

test("a WebSocket's close reason goes before our guess", () => {
  assert.equal(
    closedFailure("welcome", { code: 4001, reason: "token expired" }).reason,
    "token expired",
  );
  assert.match(
    english(closedFailure("signaling", { code: 1006, reason: "" }).reason),
    /proxy may be blocking WebSockets/,
  );
});

test("a close code says whether a retry may help", () => {
  assert.equal(closedFailure("vnc", { code: 4000, reason: "forbidden" }).retry, false);
  for (const code of [1000, 1001, 1006, 4001]) {
    assert.equal(closedFailure("vnc", { code, reason: "" }).retry, true, String(code));
  }
});

test("a missing picture is told from a missing network", () => {
  assert.match(english(timeoutFailure("picture", 5).reason), /no picture came .* \(waited 5 s\)/);
});

test("the status bar explains the fallback and offers WebRTC again", () => {
  const { text, tone, action } = connectionStatus({ name: "vnc", reason: "UDP is blocked." });
  assert.equal(english(text), "Fell back to VNC because WebRTC failed: UDP is blocked.");
  assert.deepEqual({ tone, action }, { tone: "warning", action: "try-webrtc" });
});

test("what can be seen is said to those who do not see it", () => {
  for (const state of [{ name: "vnc" }, { name: "connected-webrtc" }] as const) {
    const { text, tone } = connectionStatus(state);
    assert.equal(english(text), "Connected.");
    assert.equal(tone, "done");
  }
  assert.equal(connectionStatus({ name: "idle" }).text, null);
});
