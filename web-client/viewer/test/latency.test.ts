import assert from "node:assert/strict";
import test from "node:test";
import {
  frameLatency,
  LatencyLog,
  MAX_FRAMES,
  MAX_WAITING,
  STAGES,
  type ShownFrame,
} from "../src/core/latency.js";
import { viewerLanguage } from "../src/core/texts.js";
import { latencyPieces, latencyRows } from "../src/core/latency-table.js";
import type { FrameTimes, Latency, Stage } from "../src/core/protocol.js";

const SERVER: FrameTimes = {
  rtpTimestamp: 4_294_967_295,
  sentUs: 50_000,
  damageUs: 100,
  grabUs: 900,
  convertUs: 400,
  encodeUs: 3_000,
  queueUs: 50,
};
const SHOWN: ShownFrame = {
  rtpTimestamp: 4_294_967_295,
  receivedMs: 52,
  decodeMs: 53,
  decodedMs: 55.5,
  presentedMs: 60,
};

/** The two clocks agree. */
const sameClock = (serverUs: number) => serverUs / 1000;

function stage(latency: Latency | null, name: Stage) {
  return latency?.stages.find((entry) => entry.stage === name);
}

test("the stages tile the whole way", () => {
  assert.deepEqual(frameLatency(SERVER, 50, SHOWN), {
    damage: 100,
    grab: 900,
    convert: 400,
    encode: 3_000,
    queue: 50,
    network: 2_000,
    jitterBuffer: 1_000,
    decode: 2_500,
    present: 4_500,
    total: 14_450,
  });
});

test("no stage is negative, and they still tile the way, where the clocks disagree", () => {
  const moments = [40, 51, 52, 90, -1e9, 1e9];
  for (const receivedMs of moments) {
    for (const decodeMs of moments) {
      for (const presentedMs of moments) {
        const latency = frameLatency(SERVER, 50, { ...SHOWN, receivedMs, decodeMs, presentedMs });
        const parts = STAGES.map((name) => latency[name]);
        assert.ok(
          parts.every((part) => part >= 0),
          String(parts),
        );
        const sum = parts.reduce((total, part) => total + part, 0);
        assert.equal(latency.total, sum);
        const last = Math.max(50, receivedMs, decodeMs, SHOWN.decodedMs, presentedMs);
        assert.ok(Math.abs(sum - 4_450 - (last - 50) * 1000) < 1e-3);
      }
    }
  }
});

test("halves are joined in whichever order they come", () => {
  const log = new LatencyLog(sameClock);
  log.sent([{ ...SERVER, rtpTimestamp: 1 }]);
  log.shown({ ...SHOWN, rtpTimestamp: 2 });
  assert.equal(log.summary(), null);
  log.shown({ ...SHOWN, rtpTimestamp: 1 });
  log.sent([{ ...SERVER, rtpTimestamp: 2 }]);
  assert.equal(log.summary()?.frames, 2);
  assert.equal(log.joined, 2);
});

test("frames wait for the first answer of the streamer's clock", () => {
  let offsetMs: number | null = null;
  const log = new LatencyLog((us) => (offsetMs === null ? null : us / 1000 + offsetMs));
  log.sent([SERVER]);
  log.shown(SHOWN);
  assert.equal(log.summary(), null);
  offsetMs = 1;
  assert.equal(stage(log.summary(), "network")?.p50Us, 1_000);
});

test("a frame counts once", () => {
  const log = new LatencyLog(sameClock);
  log.sent([SERVER]);
  log.shown(SHOWN);
  log.summary();
  log.shown(SHOWN);
  assert.equal(log.summary()?.frames, 1);
});

test("percentiles are values that occurred, of the last frames only", () => {
  const log = new LatencyLog(sameClock);
  for (let i = 1; i <= MAX_FRAMES + 100; i++) {
    log.sent([{ ...SERVER, rtpTimestamp: i, encodeUs: i }]);
    log.shown({ ...SHOWN, rtpTimestamp: i });
    log.summary();
  }
  const summary = log.summary();
  assert.equal(summary?.frames, MAX_FRAMES);
  assert.deepEqual(stage(summary, "encode"), {
    stage: "encode",
    p50Us: 250,
    p95Us: 385,
    p99Us: 397,
  });
});

test("halves that find no other half are forgotten", () => {
  const log = new LatencyLog(sameClock);
  log.sent([{ ...SERVER, rtpTimestamp: 0 }]);
  for (let i = 1; i <= MAX_WAITING; i++) log.sent([{ ...SERVER, rtpTimestamp: i }]);
  log.shown({ ...SHOWN, rtpTimestamp: 0 });
  log.shown({ ...SHOWN, rtpTimestamp: 1 });
  assert.equal(log.summary()?.frames, 1);
});

test("a summary names every stage once and in order, in whole numbers the streamer takes", () => {
  const log = new LatencyLog(sameClock);
  log.sent([{ ...SERVER, encodeUs: 0xffff_ffff, damageUs: 0xffff_ffff }]);
  log.shown({ ...SHOWN, presentedMs: 60.123456 });
  const stages = log.summary()?.stages ?? [];
  assert.deepEqual(
    stages.map((entry) => entry.stage),
    [...STAGES, "total"],
  );
  for (const { p50Us, p95Us, p99Us } of stages) {
    for (const value of [p50Us, p95Us, p99Us]) {
      assert.ok(Number.isInteger(value) && value <= 0xffff_ffff);
    }
  }
});

test("the table has a row for each stage, and the bar's pieces fill it", () => {
  const log = new LatencyLog(sameClock);
  log.sent([SERVER]);
  log.shown(SHOWN);
  const summary = log.summary();
  assert.ok(summary);
  const rows = latencyRows(summary, viewerLanguage(["en"]));
  assert.deepEqual(rows[3], { stage: "encode", label: "Encode", values: ["3.0", "3.0", "3.0"] });
  assert.equal(rows.at(-1)?.label, "Total");
  const pieces = latencyPieces(summary);
  assert.equal(pieces.length, STAGES.length);
  const sum = pieces.reduce((total, { share }) => total + share, 0);
  assert.ok(Math.abs(sum - 1) < 1e-9);
});
