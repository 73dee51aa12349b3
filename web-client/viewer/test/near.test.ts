import assert from "node:assert/strict";
import test from "node:test";
import { Fingers, nearByWheel } from "../src/core/near.js";

test("one finger moves the picture, two bring it near, and a third one changes nothing", () => {
  const fingers = new Fingers();
  fingers.down(1, { x: 10, y: 10 });
  assert.deepEqual(fingers.move(1, { x: 15, y: 8 }), {
    factor: 1,
    from: { x: 10, y: 10 },
    to: { x: 15, y: 8 },
  });
  fingers.down(2, { x: 25, y: 8 });
  const nearing = fingers.move(2, { x: 35, y: 8 });
  assert.deepEqual(nearing, { factor: 2, from: { x: 20, y: 8 }, to: { x: 25, y: 8 } });
  fingers.down(3, { x: 0, y: 0 });
  assert.equal(fingers.move(3, { x: 5, y: 5 }), null);
  fingers.up(3);
  fingers.up(2);
  assert.equal(fingers.move(2, { x: 0, y: 0 }), null);
  assert.equal(fingers.count, 1);
});

test("two fingers in one place bring nothing near", () => {
  const fingers = new Fingers();
  fingers.down(1, { x: 0, y: 0 });
  fingers.down(2, { x: 0, y: 0 });
  assert.equal(fingers.move(2, { x: 10, y: 0 })?.factor, 1);
});

test("a wheel brings near what is under it, and no turn is too much", () => {
  const at = { x: 3, y: 4 };
  assert.deepEqual(nearByWheel(-300, at), { factor: 2, from: at, to: at });
  assert.equal(nearByWheel(1e9, at).factor, 0.5);
});
