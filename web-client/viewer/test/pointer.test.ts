import assert from "node:assert/strict";
import test from "node:test";
import { desktopPixel, fit } from "../src/core/layout.js";
import { MoveSequence, PointerMoves, buttonChanges } from "../src/core/pointer.js";
import { Wheel } from "../src/core/wheel.js";

const HD = { width: 1280, height: 720 };

test("the picture is centred with bars at the sides or above and below", () => {
  assert.deepEqual(fit({ width: 1480, height: 720 }, HD), { x: 100, y: 0, ...HD });
  assert.deepEqual(fit({ width: 640, height: 400 }, HD), { x: 0, y: 20, width: 640, height: 360 });
});

test("a window one pixel wider than the desktop does not blur it", () => {
  assert.deepEqual(fit({ width: 1281, height: 721 }, HD), { x: 0, y: 0, ...HD });
});

test("a picture without a size or a window without one is nowhere", () => {
  const nowhere = { x: 0, y: 0, width: 0, height: 0 };
  assert.deepEqual(fit({ width: 100, height: 100 }, { width: 0, height: 0 }), nowhere);
  const pixel = desktopPixel({ x: 5, y: 5 }, nowhere, HD);
  assert.deepEqual(pixel, { x: 0, y: 0 });
});

test("every pixel of a picture at its own size is found exactly", () => {
  const picture = fit({ width: 1480, height: 720 }, HD);
  for (let x = 0; x < HD.width; x++) {
    assert.equal(desktopPixel({ x: picture.x + x, y: 0 }, picture, HD).x, x);
    assert.equal(desktopPixel({ x: picture.x + x + 0.99, y: 0 }, picture, HD).x, x);
  }
});

test("scaled pictures map their corners to the desktop's corners", () => {
  const picture = { x: 0, y: 20, width: 640, height: 360 };
  assert.deepEqual(desktopPixel({ x: 0, y: 20 }, picture, HD), { x: 0, y: 0 });
  assert.deepEqual(desktopPixel({ x: 639.9, y: 379.9 }, picture, HD), { x: 1279, y: 719 });
  assert.deepEqual(desktopPixel({ x: 320, y: 200 }, picture, HD), { x: 640, y: 360 });
});

test("a point beside the picture is the nearest pixel", () => {
  const picture = { x: 100, y: 0, ...HD };
  assert.deepEqual(desktopPixel({ x: -50, y: 900 }, picture, HD), { x: 0, y: 719 });
  assert.deepEqual(desktopPixel({ x: 9999, y: -1 }, picture, HD), { x: 1279, y: 0 });
});

test("buttons are told apart by the bits of the held ones", () => {
  assert.deepEqual(buttonChanges(0, 1), [{ button: 1, down: true }]);
  assert.deepEqual(buttonChanges(1, 3), [{ button: 3, down: true }]);
  assert.deepEqual(buttonChanges(4, 0), [{ button: 2, down: false }]);
  assert.deepEqual(buttonChanges(0, 8 | 16), [
    { button: 8, down: true },
    { button: 9, down: true },
  ]);
  assert.deepEqual(buttonChanges(3, 3), []);
});

test("moves are numbered, thinned out and never repeated in place", () => {
  const moves = new PointerMoves();
  assert.deepEqual(moves.intermediate({ x: 1, y: 1 }, 0), { seq: 1, x: 1, y: 1 });
  assert.equal(moves.intermediate({ x: 2, y: 1 }, 1), null);
  assert.deepEqual(moves.settled({ x: 3, y: 1 }, 2), { seq: 2, x: 3, y: 1 });
  assert.equal(moves.settled({ x: 3, y: 1 }, 9), null);
  assert.deepEqual(moves.repeat(), { seq: 3, x: 3, y: 1 });
});

test("distances add up, fractions and all, and the last sum is repeated", () => {
  const moves = new PointerMoves();
  assert.deepEqual(moves.by({ x: 1.5, y: -1 }), { seq: 1, right: 1, down: -1 });
  assert.deepEqual(moves.by({ x: 1.5, y: -1 }), { seq: 2, right: 3, down: -2 });
  assert.deepEqual(moves.repeat(), { seq: 3, right: 3, down: -2 });
  assert.deepEqual(moves.by({ x: 2 ** 31, y: 0 }), { seq: 4, right: 3 - 2 ** 31, down: -2 });
  assert.deepEqual(moves.settled({ x: 3, y: 1 }, 9), { seq: 5, x: 3, y: 1 });
});

test("who moves next goes on in the connection's sequence", () => {
  const sequence = new MoveSequence();
  assert.deepEqual(sequence.next({ seq: 9, x: 1, y: 2 }), { seq: 1, x: 1, y: 2 });
  assert.deepEqual(sequence.next({ seq: 1, right: 5, down: -2 }), { seq: 2, right: 5, down: -2 });
  sequence.restart();
  assert.deepEqual(sequence.next({ seq: 1, right: 3, down: 3 }), { seq: 3, right: 8, down: 1 });
});

test("nothing is repeated before the first move", () => {
  assert.equal(new PointerMoves().repeat(), null);
});

test("a notch is 120 in every unit of a wheel", () => {
  const notch = { dx: 0, dy: 120 };
  assert.deepEqual(new Wheel().turn({ deltaX: 0, deltaY: 100, deltaMode: 0 }), notch);
  assert.deepEqual(new Wheel().turn({ deltaX: 0, deltaY: 3, deltaMode: 1 }), notch);
  assert.deepEqual(new Wheel().turn({ deltaX: 0, deltaY: 0.1, deltaMode: 2 }), notch);
  assert.deepEqual(new Wheel().turn({ deltaX: -100, deltaY: 0, deltaMode: 0 }), {
    dx: -120,
    dy: 0,
  });
});

test("a slow touchpad's fractions add up", () => {
  const wheel = new Wheel();
  let dy = 0;
  for (let i = 0; i < 1000; i++) {
    dy += wheel.turn({ deltaX: 0, deltaY: 0.1, deltaMode: 0 })?.dy ?? 0;
  }
  assert.ok(Math.abs(dy - 120) <= 1, `${dy}`);
});

test("turning back forgets the fraction of the other direction", () => {
  const wheel = new Wheel();
  assert.equal(wheel.turn({ deltaX: 0, deltaY: 0.5, deltaMode: 0 }), null);
  assert.deepEqual(wheel.turn({ deltaX: 0, deltaY: -1, deltaMode: 0 }), { dx: 0, dy: -1 });
});
