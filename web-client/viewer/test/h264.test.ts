import assert from "node:assert/strict";
import test from "node:test";
import { codecOf, StandIns } from "../src/core/h264.js";

const stream = (...bytes: number[]) => Uint8Array.from(bytes);

test("the codec's name is read from the parameter set, behind a start code of three bytes or four", () => {
  assert.equal(codecOf(stream(0, 0, 0, 1, 0x67, 0x42, 0xc0, 0x1f, 0xdd)), "avc1.42C01F");
  assert.equal(codecOf(stream(0, 0, 1, 0x27, 0x64, 0, 0x0a)), "avc1.64000A");
});

test("what comes before the parameter set is passed over", () => {
  const delimiter = [0, 0, 0, 1, 0x09, 0x10];
  assert.equal(codecOf(stream(...delimiter, 0, 0, 1, 0x67, 0x4d, 0x40, 0x28)), "avc1.4D4028");
});

test("without a whole parameter set there is no name", () => {
  const streams = [
    stream(),
    stream(0, 0, 1),
    stream(0, 0, 1, 0x67),
    stream(0, 0, 1, 0x67, 0x42, 0xc0),
    stream(0, 0, 1, 0x65, 0x88, 0x84),
    // VP8's start of a keyframe.
    stream(0xd0, 0x47, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01),
  ];
  for (const broken of streams) assert.equal(codecOf(broken), null);
});

test("stand-ins are whole keyframes, and no two in a row are the same picture", () => {
  const standIns = new StandIns();
  const [first, second, third] = [standIns.next(), standIns.next(), standIns.next()];
  assert.equal(codecOf(first), "avc1.42C015");
  assert.notDeepEqual(first, second);
  assert.deepEqual(first, third);
  assert.notEqual(first.buffer, third.buffer);
});
