import assert from "node:assert/strict";
import test from "node:test";
import {
  ASK_AGAIN_MS,
  DecoderGate,
  MAX_QUEUED,
  STEADY_PICTURES,
  type GateFrame,
} from "../src/core/decoder-gate.js";

const KEY: GateFrame = { kind: "key", codec: "avc1.42E01F" };
const LARGER_KEY: GateFrame = { kind: "key", codec: "avc1.42E028" };
const DELTA: GateFrame = { kind: "delta", codec: null };

function decoding(): DecoderGate {
  const gate = new DecoderGate();
  gate.frame(KEY, 0, 0);
  return gate;
}

test("decoding begins with a keyframe", () => {
  const gate = new DecoderGate();
  assert.deepEqual(gate.frame(DELTA, 0, 0), { type: "ask" });
  assert.deepEqual(gate.frame(KEY, 0, 1), { type: "configure", codec: "avc1.42E01F" });
  assert.deepEqual(gate.frame(DELTA, 0, 2), { type: "decode" });
  assert.deepEqual(gate.frame(KEY, 0, 3), { type: "decode" });
});

test("a keyframe is asked for again only after a while", () => {
  const gate = new DecoderGate();
  assert.equal(gate.frame(DELTA, 0, 0).type, "ask");
  assert.equal(gate.frame(DELTA, 0, ASK_AGAIN_MS - 1).type, "skip");
  assert.equal(gate.frame(DELTA, 0, ASK_AGAIN_MS).type, "ask");
  assert.equal(gate.frame(DELTA, 0, ASK_AGAIN_MS + 1).type, "skip");
});

test("another codec sets the decoder up anew", () => {
  const gate = decoding();
  assert.deepEqual(gate.frame(LARGER_KEY, 0, 1), { type: "configure", codec: "avc1.42E028" });
  assert.equal(gate.frame(DELTA, 0, 2).type, "decode");
});

test("after an error nothing is decoded before the keyframe that it asks for", () => {
  const gate = decoding();
  assert.equal(gate.failed(10).type, "ask");
  assert.equal(gate.frame(DELTA, 0, 11).type, "skip");
  assert.equal(gate.frame(KEY, 0, 12).type, "configure");
  assert.equal(gate.frame(DELTA, 0, 13).type, "decode");
});

test("a second error ends it, unless a steady run lies between", () => {
  const gate = decoding();
  gate.failed(0);
  gate.frame(KEY, 0, 1);
  for (let i = 0; i < STEADY_PICTURES; i++) gate.decoded();
  assert.equal(gate.failed(2).type, "ask");
  gate.frame(KEY, 0, 3);
  for (let i = 0; i < STEADY_PICTURES - 1; i++) gate.decoded();
  assert.equal(gate.failed(4).type, "give-up");
});

test("a decoder that has fallen far behind goes on from the next keyframe", () => {
  const gate = decoding();
  assert.equal(gate.frame(DELTA, MAX_QUEUED, 1).type, "decode");
  assert.equal(gate.frame(DELTA, MAX_QUEUED + 1, 2).type, "ask");
  assert.equal(gate.frame(DELTA, 0, 3).type, "skip");
  assert.equal(gate.frame(KEY, 0, 4).type, "configure");
});

test("a keyframe behind a long queue takes its place", () => {
  assert.equal(decoding().frame(KEY, MAX_QUEUED + 1, 1).type, "configure");
});

test("a stream that is not H.264 is left to the browser", () => {
  assert.equal(new DecoderGate().frame({ kind: "key", codec: null }, 0, 0).type, "give-up");
});
