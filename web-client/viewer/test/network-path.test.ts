import assert from "node:assert/strict";
import test from "node:test";
import { NetworkPath, RESTART_MS, SILENCE_MS } from "../src/core/network-path.js";
import type { PathEvent } from "../src/core/network-path.js";

const CONNECTED: PathEvent = { type: "connection", state: "connected" };
const DISCONNECTED: PathEvent = { type: "connection", state: "disconnected" };
const FAILED: PathEvent = { type: "connection", state: "failed" };
const CHANGED: PathEvent = { type: "network-changed" };
const TIMER: PathEvent = { type: "timer" };

const withSignaling = () => new NetworkPath(() => true);
const withoutSignaling = () => new NetworkPath(() => false);

/** What a path does at each of these events. */
const steps = (path: NetworkPath, ...events: PathEvent[]) =>
  events.map((event) => path.handle(event).type);

test("a short silence is waited out", () => {
  const path = withSignaling();
  assert.deepEqual(path.handle(DISCONNECTED), { type: "wait", ms: SILENCE_MS });
  assert.deepEqual(steps(path, CONNECTED), ["calm"]);
});

test("a longer silence restarts ICE, and a restart that finds no way loses the path", () => {
  const path = withSignaling();
  path.handle(DISCONNECTED);
  assert.deepEqual(path.handle(TIMER), { type: "restart", ms: RESTART_MS });
  assert.deepEqual(steps(path, TIMER), ["lost"]);
});

test("what still fails of the old path during a restart does not end it", () => {
  const path = withSignaling();
  assert.deepEqual(steps(path, FAILED, DISCONNECTED, FAILED, CONNECTED), [
    "restart",
    "none",
    "none",
    "calm",
  ]);
});

test("each outage has a restart of its own", () => {
  const path = withSignaling();
  assert.deepEqual(steps(path, FAILED, CONNECTED, FAILED), ["restart", "calm", "restart"]);
});

test("another network restarts ICE once, whether or not the old path still answers", () => {
  assert.deepEqual(steps(withSignaling(), CHANGED, CHANGED, TIMER), ["restart", "none", "calm"]);
  assert.deepEqual(steps(withSignaling(), DISCONNECTED, CHANGED, TIMER), [
    "wait",
    "restart",
    "lost",
  ]);
});

test("without signaling there is nothing to restart with", () => {
  assert.deepEqual(steps(withoutSignaling(), DISCONNECTED, TIMER), ["wait", "lost"]);
  assert.deepEqual(steps(withoutSignaling(), FAILED), ["lost"]);
  assert.deepEqual(steps(withoutSignaling(), CHANGED), ["none"]);
});
