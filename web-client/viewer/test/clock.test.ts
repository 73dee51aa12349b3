import assert from "node:assert/strict";
import test from "node:test";
import { Clock } from "../src/core/clock.js";

test("without an answer there is no common time", () => {
  const clock = new Clock();
  assert.equal(clock.toBrowserMs(0), null);
  assert.equal(clock.roundTripMs, null);
});

test("the streamer answers in the middle of the round trip", () => {
  const clock = new Clock();
  clock.answered(1000, 1010, 5_000_000);
  assert.equal(clock.toBrowserMs(5_000_000), 1005);
  assert.equal(clock.toBrowserMs(5_020_000), 1025);
});

test("the quickest answer is believed", () => {
  const clock = new Clock();
  clock.answered(1000, 1100, 5_090_000);
  clock.answered(2000, 2002, 6_001_000);
  clock.answered(3000, 3040, 7_001_000);
  assert.equal(clock.roundTripMs, 2);
  assert.equal(clock.toBrowserMs(6_001_000), 2001);
});

test("an old answer gives way even to a slower one", () => {
  const clock = new Clock();
  clock.answered(0, 1, 0);
  clock.answered(120_000, 120_050, 120_030_000);
  assert.equal(clock.roundTripMs, 50);
});

test("an answer from before its ping is no answer", () => {
  const clock = new Clock();
  clock.answered(1000, 900, 0);
  assert.equal(clock.roundTripMs, null);
});

test("a few answers settle the clock", () => {
  const clock = new Clock();
  for (let i = 0; i < 3; i++) clock.answered(i, i + 1, i * 1000);
  assert.equal(clock.isSettled, false);
  clock.answered(3, 4, 3000);
  assert.equal(clock.isSettled, true);
});
