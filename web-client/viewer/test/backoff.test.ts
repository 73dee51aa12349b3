import assert from "node:assert/strict";
import { test } from "node:test";
import { backoffMs } from "../src/core/backoff.js";

test("each try waits longer than the one before, up to a bound, and no two browsers as long", () => {
  const waits = [0, 1, 2, 3, 4, 5, 50].map((tries) => backoffMs(tries, 0.5));
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 8000, 8000]);
  assert.equal(backoffMs(0, 0), 375);
  assert.equal(backoffMs(0, 1), 625);
});
