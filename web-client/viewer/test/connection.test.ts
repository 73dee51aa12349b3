import assert from "node:assert/strict";
import test from "node:test";
import { Connection, WEBRTC_TIMEOUT_MS, pathOf } from "../src/core/connection.js";
import type { ConnectionEffect, ConnectionEvent } from "../src/core/connection.js";
import type { Failure } from "../src/core/failure.js";

const lost: Failure = { reason: "the cable was cut", retry: true };

/** A connection and the attempt that is under way in it. */
class Scenario {
  readonly connection = new Connection(() => 0.5);
  attempt = 0;

  connect(preference: "auto" | "webrtc" | "vnc"): ConnectionEffect[] {
    return this.handle({ type: "connect", preference });
  }

  opened(): ConnectionEffect[] {
    return this.handle({ type: "opened", attempt: this.attempt });
  }

  failed(failure: Failure): ConnectionEffect[] {
    return this.handle({ type: "failed", attempt: this.attempt, failure });
  }

  timer(): ConnectionEffect[] {
    return this.handle({ type: "timer", attempt: this.attempt });
  }

  stage(stage: "answer" | "network"): void {
    this.handle({ type: "stage", attempt: this.attempt, stage });
  }

  handle(event: ConnectionEvent): ConnectionEffect[] {
    const effects = this.connection.handle(event);
    for (const effect of effects) if (effect.type !== "close") this.attempt = effect.attempt;
    return effects;
  }

  get state(): string {
    return this.connection.state.name;
  }

  get reason(): string {
    return "reason" in this.connection.state ? (this.connection.state.reason ?? "") : "";
  }
}

test("connecting opens WebRTC and starts the timer of its fallback", () => {
  const scenario = new Scenario();
  assert.deepEqual(scenario.connect("auto"), [
    { type: "close" },
    { type: "open", path: "webrtc", attempt: 1 },
    { type: "timer", attempt: 1, ms: WEBRTC_TIMEOUT_MS },
  ]);
  scenario.opened();
  assert.equal(scenario.state, "connected-webrtc");
});

test("WebRTC that is not connected in time falls back to VNC and says what was missing", () => {
  const scenario = new Scenario();
  scenario.connect("auto");
  scenario.stage("network");
  const effects = scenario.timer();
  assert.deepEqual(effects.slice(0, 2), [
    { type: "close" },
    { type: "open", path: "vnc", attempt: 2 },
  ]);
  assert.equal(scenario.state, "falling-back");
  assert.match(scenario.reason, /no network path .* \(waited 5 s\)/);
  scenario.opened();
  assert.equal(scenario.state, "vnc");
  assert.match(scenario.reason, /no network path/);
});

test("a timer that runs out after WebRTC has connected changes nothing", () => {
  const scenario = new Scenario();
  scenario.connect("auto");
  scenario.opened();
  assert.deepEqual(scenario.timer(), []);
  assert.equal(scenario.state, "connected-webrtc");
});

test("a closed transport's last words are ignored", () => {
  const scenario = new Scenario();
  scenario.connect("auto");
  scenario.stage("answer");
  scenario.timer();
  const late = scenario.connection.handle({ type: "failed", attempt: 1, failure: lost });
  assert.deepEqual(late, []);
  assert.equal(scenario.state, "falling-back");
});

test("a path that was chosen is not left for the other", () => {
  const scenario = new Scenario();
  scenario.connect("webrtc");
  scenario.stage("network");
  scenario.timer();
  assert.equal(scenario.state, "reconnecting");
  assert.equal(pathOf(scenario.connection.state), "webrtc");

  scenario.connect("vnc");
  assert.equal(scenario.state, "connecting-vnc");
  scenario.opened();
  assert.equal(scenario.state, "vnc");
  assert.equal(scenario.reason, "");
  scenario.failed(lost);
  assert.equal(pathOf(scenario.connection.state), "vnc");
});

test("a lost connection is opened again, each time after a longer wait", () => {
  const scenario = new Scenario();
  scenario.connect("webrtc");
  scenario.opened();
  const waits: number[] = [];
  for (let i = 0; i < 6; i++) {
    const timer = scenario.failed(lost).find((effect) => effect.type === "timer");
    assert.equal(scenario.state, "reconnecting");
    assert.equal(scenario.reason, lost.reason);
    waits.push(timer?.ms ?? 0);
    const [open] = scenario.timer();
    assert.equal(open?.type, "open");
  }
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 8000]);
});

test("success resets the wait", () => {
  const scenario = new Scenario();
  scenario.connect("webrtc");
  scenario.failed(lost);
  scenario.timer();
  scenario.opened();
  const timer = scenario.failed(lost).find((effect) => effect.type === "timer");
  assert.equal(timer?.ms, 500);
});

test("a network that comes back ends the wait", () => {
  const scenario = new Scenario();
  scenario.connect("auto");
  scenario.opened();
  assert.deepEqual(scenario.handle({ type: "online" }), []);
  scenario.failed(lost);
  const [open] = scenario.handle({ type: "online" });
  assert.equal(open?.type, "open");
  assert.equal(scenario.state, "connecting-webrtc");
});

test("a streamer that starts again is waited for before VNC is taken", () => {
  const scenario = new Scenario();
  scenario.connect("auto");
  scenario.opened();
  scenario.failed(lost);
  const states: string[] = [];
  for (let i = 0; i < 3; i++) {
    scenario.timer();
    scenario.stage("answer");
    scenario.failed({ reason: "starting", code: "streamer-unreachable", retry: true });
    states.push(scenario.state);
  }
  assert.deepEqual(states, ["reconnecting", "reconnecting", "falling-back"]);
});

test("an unreachable server is no reason for VNC", () => {
  const scenario = new Scenario();
  scenario.connect("auto");
  scenario.failed(lost);
  assert.equal(scenario.state, "reconnecting");
});

test("an error that no retry mends ends the connection with its reason", () => {
  const scenario = new Scenario();
  scenario.connect("auto");
  scenario.failed({ reason: "The session was removed.", code: "session-not-found", retry: false });
  assert.deepEqual(scenario.connection.state, {
    name: "ended",
    reason: "The session was removed.",
    code: "session-not-found",
    failed: true,
  });
  assert.deepEqual(scenario.timer(), []);
});

test("an error of WebRTC alone leads to VNC even where WebRTC cannot be retried", () => {
  const scenario = new Scenario();
  scenario.connect("auto");
  scenario.stage("answer");
  scenario.failed({ reason: "no codec", code: "negotiation-failed", retry: false });
  assert.equal(scenario.state, "falling-back");
});

test("when both paths fail the reason names both", () => {
  const scenario = new Scenario();
  scenario.connect("auto");
  scenario.stage("network");
  scenario.failed({ reason: "UDP is blocked", retry: true });
  scenario.failed({ reason: "the port is closed", retry: true });
  assert.equal(scenario.state, "reconnecting");
  assert.equal(scenario.reason, "WebRTC: UDP is blocked. VNC: the port is closed");
});

test("disconnecting ends without an error and connecting starts anew", () => {
  const scenario = new Scenario();
  scenario.connect("auto");
  scenario.opened();
  assert.deepEqual(scenario.handle({ type: "disconnect" }), [{ type: "close" }]);
  assert.equal(scenario.state, "ended");
  scenario.connect("auto");
  assert.equal(scenario.state, "connecting-webrtc");
});
