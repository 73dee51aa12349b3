import assert from "node:assert/strict";
import test from "node:test";
import { OthersPointers, SHOWN_MS } from "../src/core/pointers.js";

const at = (viewer: number, x: number) => ({ viewer, x, y: 0 });
const seen = (pointers: OthersPointers, nowMs: number) =>
  pointers.visible(nowMs).map(({ viewer, x }) => [viewer, x]);

test("others' pointers are shown while they move and for a moment after, one's own never", () => {
  const pointers = new OthersPointers();
  pointers.moved([at(1, 5), at(2, 6)], 1, 0);
  assert.deepEqual(seen(pointers, 100), [[2, 6]]);
  pointers.moved([at(2, 7)], 1, 1000);
  assert.equal(pointers.nextMs, 1000 + SHOWN_MS);
  assert.deepEqual(seen(pointers, SHOWN_MS + 500), [[2, 7]]);
  assert.deepEqual(seen(pointers, SHOWN_MS + 1000), []);
  assert.equal(pointers.nextMs, null);
});

test("who has left points nowhere", () => {
  const pointers = new OthersPointers();
  pointers.moved([at(2, 6), at(3, 6)], 1, 0);
  pointers.keep(new Set([1, 3]));
  assert.deepEqual(seen(pointers, 1), [[3, 6]]);
});
