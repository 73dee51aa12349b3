import assert from "node:assert/strict";
import { test } from "node:test";
import { recovery } from "../lib/measure/link.mjs";
import { freezes, percentile, perSecond, summary } from "../lib/statistics.mjs";

test("a percentile is the nearest rank", () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  assert.deepEqual([0.5, 0.95, 0.99].map((part) => percentile(values, part)), [50, 95, 99]);
  assert.equal(percentile([7], 0.5), 7);
  assert.equal(percentile([], 0.5), null);
});

test("a lost click is counted and is in no percentile", () => {
  assert.deepEqual(summary([10, null, 30]), { samples: 2, lost: 1, p50: 10, p95: 30, p99: 30 });
});

test("a gap is a freeze only if it is long by itself and long for this rate", () => {
  const steady = Array.from({ length: 100 }, (_, index) => index * 33);
  assert.equal(freezes(steady).count, 0);
  const last = steady.at(-1);
  assert.equal(freezes([...steady, last + 150]).count, 0);
  const frozen = freezes([...steady, last + 500]);
  assert.deepEqual([frozen.count, frozen.seconds, frozen.longest], [1, 0.5, 0.5]);
});

test("no pictures are no freezes", () => {
  assert.deepEqual(freezes([]), { count: 0, seconds: 0, longest: 0 });
});

test("pictures are counted in whole seconds from the first", () => {
  assert.deepEqual(perSecond([5000, 5500, 6100, 6200, 7100]), [2, 2]);
});

const reports = (pairs) => pairs.map(([rateKbps, sentKbit]) => ({ rateKbps, sentKbit }));

test("a link has recovered when it carries for two seconds what it carried before", () => {
  const before = [[50, 50], [50, 50], [5, 5]];
  assert.equal(recovery(reports([...before, [50, 50], [50, 10], [50, 46], [50, 47]])), 3);
  assert.equal(recovery(reports([...before, [50, 20], [50, 20]])), null);
});

test("a link without steps has nothing to recover from", () => {
  assert.equal(recovery(reports([[50, 50], [50, 50]])), null);
});
