import assert from "node:assert/strict";
import test from "node:test";

import { limitsMessage, readBitrate, readFrameRate } from "../src/core/limits.js";

const NONE = { maxBps: null, maxFps: null };

test("attributes are read within what the session takes", () => {
  assert.equal(readBitrate("2000000"), 2_000_000);
  assert.equal(readBitrate("1"), 150_000);
  assert.equal(readBitrate("1e99"), 2 ** 32 - 1);
  assert.equal(readFrameRate("29.97"), 30);
  assert.equal(readFrameRate("-3"), 1);
  for (const text of [null, "", " ", "fast", "NaN", "Infinity"]) {
    assert.equal(readBitrate(text), null);
    assert.equal(readFrameRate(text), null);
  }
});

test("the session is told once, and told when a limit goes", () => {
  const limited = { maxBps: 1e6, maxFps: 30 };
  assert.equal(limitsMessage(NONE, NONE), null);
  assert.deepEqual(limitsMessage(NONE, limited), { type: "limits", maxBps: 1e6, maxFps: 30 });
  assert.equal(limitsMessage(limited, { ...limited }), null);
  assert.deepEqual(limitsMessage(limited, { ...NONE, maxFps: 30 }), { type: "limits", maxFps: 30 });
  assert.deepEqual(limitsMessage(limited, NONE), { type: "limits" });
});
