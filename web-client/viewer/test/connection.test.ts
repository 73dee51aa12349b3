import assert from "node:assert/strict";
import test from "node:test";
import {
  Connection,
  FRAME_TIMEOUT_MS,
  STEADY_MS,
  WEBRTC_TIMEOUT_MS,
  pathOf,
} from "../src/core/connection.js";
import type { ConnectionEffect, ConnectionEvent } from "../src/core/connection.js";
import type { Failure } from "../src/core/failure.js";
import { viewerLanguage } from "../src/core/texts.js";

const lost: Failure = { reason: "the cable was cut", retry: true };
const noEncoder: Failure = { reason: "No encoder.", code: "encoder-unavailable", retry: false };

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

  frame(): ConnectionEffect[] {
    return this.handle({ type: "frame", attempt: this.attempt });
  }

  /** Connects and stays so for long enough to count as good. */
  steady(preference: "auto" | "webrtc" | "vnc"): void {
    this.connect(preference);
    this.opened();
    this.frame();
    this.timer();
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
    for (const effect of effects) if ("attempt" in effect) this.attempt = effect.attempt;
    return effects;
  }

  get state(): string {
    return this.connection.state.name;
  }

  get reason(): string {
    const saying = "reason" in this.connection.state ? this.connection.state.reason : undefined;
    return viewerLanguage(["en"]).say(saying ?? "");
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

test("a picture keeps WebRTC, whether it comes after the channel or before", () => {
  for (const order of [["opened", "frame"] as const, ["frame", "opened"] as const]) {
    const scenario = new Scenario();
    scenario.connect("auto");
    const [timer] = order.flatMap((event) => scenario[event]()).slice(-1);
    assert.deepEqual(timer, { type: "timer", attempt: 1, ms: STEADY_MS });
    assert.deepEqual(scenario.timer(), []);
    assert.equal(scenario.state, "connected-webrtc");
  }
});

test("WebRTC without a picture gives way to VNC and says so", () => {
  const scenario = new Scenario();
  scenario.connect("auto");
  assert.deepEqual(scenario.opened(), [{ type: "timer", attempt: 1, ms: FRAME_TIMEOUT_MS }]);
  const effects = scenario.timer();
  assert.deepEqual(effects.slice(0, 2), [
    { type: "close" },
    { type: "open", path: "vnc", attempt: 2 },
  ]);
  assert.equal(scenario.state, "falling-back");
  assert.match(scenario.reason, /no picture came .*video \(waited 5 s\)/);
});

test("WebRTC that was chosen is opened again where no picture comes", () => {
  const scenario = new Scenario();
  scenario.connect("webrtc");
  scenario.opened();
  scenario.timer();
  assert.equal(scenario.state, "reconnecting");
  assert.equal(pathOf(scenario.connection.state), "webrtc");
});

test("WebRTC that fails for good while it is connected gives way to VNC", () => {
  const scenario = new Scenario();
  scenario.steady("auto");
  scenario.failed(noEncoder);
  assert.equal(scenario.state, "falling-back");
  assert.equal(scenario.reason, noEncoder.reason);

  scenario.steady("webrtc");
  scenario.failed(noEncoder);
  assert.equal(scenario.state, "ended");
});

test("WebRTC that breaks again and again soon after it connects gives way to VNC", () => {
  const scenario = new Scenario();
  scenario.connect("auto");
  const states: string[] = [];
  for (let i = 0; i < 4; i++) {
    scenario.opened();
    scenario.frame();
    scenario.failed(lost);
    states.push(scenario.state);
    if (i < 3) scenario.timer();
  }
  assert.deepEqual(states, ["reconnecting", "reconnecting", "reconnecting", "falling-back"]);
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

test("a connection that lasts resets the wait, and a short one does not", () => {
  for (const path of ["webrtc", "vnc"] as const) {
    const waits = [true, false].map((lasts) => {
      const scenario = new Scenario();
      scenario.connect(path);
      scenario.failed(lost);
      scenario.timer();
      scenario.opened();
      if (path === "webrtc") scenario.frame();
      if (lasts) scenario.timer();
      return scenario.failed(lost).find((effect) => effect.type === "timer")?.ms;
    });
    assert.deepEqual(waits, [500, 1000], path);
  }
});

test("a network that comes back ends the wait", () => {
  const scenario = new Scenario();
  scenario.connect("auto");
  assert.deepEqual(scenario.handle({ type: "network-changed" }), []);
  scenario.opened();
  scenario.failed(lost);
  const [open] = scenario.handle({ type: "network-changed" });
  assert.equal(open?.type, "open");
  assert.equal(scenario.state, "connecting-webrtc");
});

test("a connection that stands is mended when the network changes", () => {
  const scenario = new Scenario();
  scenario.connect("auto");
  scenario.opened();
  assert.deepEqual(scenario.handle({ type: "network-changed" }), [{ type: "mend" }]);
  assert.equal(scenario.state, "connected-webrtc");
});

test("a streamer that starts again is waited for before VNC is taken", () => {
  const scenario = new Scenario();
  scenario.steady("auto");
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
