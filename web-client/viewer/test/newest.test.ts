import assert from "node:assert/strict";
import test from "node:test";
import { MAX_UNDER_WAY, Newest } from "../src/core/newest.js";

function receiver() {
  const sent: number[] = [];
  const dropped: number[] = [];
  const newest = new Newest<number>(
    (item) => sent.push(item),
    (item) => dropped.push(item),
  );
  return { newest, sent, dropped };
}

test("a receiver that keeps up gets everything", () => {
  const { newest, sent, dropped } = receiver();
  for (const item of [1, 2, 3, 4, 5]) {
    newest.put(item);
    newest.taken();
  }
  assert.deepEqual(sent, [1, 2, 3, 4, 5]);
  assert.deepEqual(dropped, []);
});

test("a receiver that does not answer gets the newest when it does, and nothing is lost unseen", () => {
  const { newest, sent, dropped } = receiver();
  for (let item = 1; item <= 10; item++) newest.put(item);
  assert.equal(sent.length, MAX_UNDER_WAY);
  newest.taken();
  assert.deepEqual(sent, [1, 2, 10]);
  assert.deepEqual(dropped, [3, 4, 5, 6, 7, 8, 9]);
});

test("an answer too many opens no wider window", () => {
  const { newest, sent } = receiver();
  newest.taken();
  newest.taken();
  for (let item = 1; item <= 10; item++) newest.put(item);
  assert.equal(sent.length, MAX_UNDER_WAY);
});
