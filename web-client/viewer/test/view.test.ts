import assert from "node:assert/strict";
import test from "node:test";
import { View } from "../src/core/view.js";
import { GlidingPointer } from "../src/core/trackpad.js";
import { desktopPixel } from "../src/core/layout.js";

function phone(): View {
  const view = new View();
  view.resize({ width: 400, height: 800 });
  view.show({ width: 800, height: 1600 });
  return view;
}

const at = (x: number, y: number) => ({ x, y });

test("without a pinch the whole desktop is seen", () => {
  const view = phone();
  assert.deepEqual(view.picture, { x: 0, y: 0, width: 400, height: 800 });
  assert.equal(view.isWhole, true);
});

test("what is under the fingers stays under them", () => {
  const view = phone();
  const under = () => desktopPixel(at(100, 300), view.picture, view.desktop);
  const before = under();
  view.pinch(2.5, at(100, 300), at(100, 300));
  assert.deepEqual(under(), before);
  view.pinch(1, at(100, 300), at(120, 250));
  assert.deepEqual(desktopPixel(at(120, 250), view.picture, view.desktop), before);
});

test("no pinch shows what is beyond the desktop's edges", () => {
  const view = phone();
  view.pinch(2, at(0, 0), at(300, 600));
  assert.deepEqual(view.picture, { x: 0, y: 0, width: 800, height: 1600 });
  view.pinch(1, at(300, 600), at(-900, -1800));
  assert.deepEqual(view.picture, { x: -400, y: -800, width: 800, height: 1600 });
});

test("a desktop that is seen whole in one direction stays in its middle there", () => {
  const view = phone();
  view.show({ width: 800, height: 400 });
  view.pinch(2, at(0, 400), at(0, 400));
  assert.deepEqual(view.picture, { x: 0, y: 200, width: 800, height: 400 });
});

test("a pinch that ends nearly whole ends whole, and none goes below or beyond its limits", () => {
  const view = phone();
  view.pinch(0.1, at(0, 0), at(0, 0));
  assert.equal(view.isWhole, true);
  view.pinch(100, at(0, 0), at(0, 0));
  assert.equal(view.picture.width, 3200);
  view.pinch(1.02 / 8, at(0, 0), at(0, 0));
  view.settle();
  assert.equal(view.isWhole, true);
});

test("a turned phone keeps the middle of what was seen", () => {
  const view = phone();
  view.pinch(4, at(200, 400), at(200, 400));
  const middle = desktopPixel(at(200, 400), view.picture, view.desktop);
  view.resize({ width: 800, height: 400 });
  assert.deepEqual(desktopPixel(at(400, 200), view.picture, view.desktop), middle);
});

test("a pixel that is out of sight comes into it, and one that is in sight moves nothing", () => {
  const view = phone();
  view.pinch(4, at(0, 0), at(0, 0));
  const before = view.picture;
  view.reveal(at(60, 120));
  assert.deepEqual(view.picture, before);
  view.reveal(at(799, 1599));
  assert.deepEqual(view.picture, { x: -1200, y: -2400, width: 1600, height: 3200 });
});

test("a view without a size or a desktop takes a pinch", () => {
  const view = new View();
  view.pinch(2, at(1, 1), at(2, 2));
  view.reveal(at(1, 1));
  assert.deepEqual(view.picture, { x: 0, y: 0, width: 0, height: 0 });
});

test("a slow glide goes pixel by pixel, a quick one further, and none off the desktop", () => {
  const desktop = { width: 800, height: 600 };
  const pointer = new GlidingPointer();
  assert.deepEqual(pointer.pixel(desktop), at(400, 300));
  pointer.place(at(100, 100));
  for (let step = 0; step < 10; step++) pointer.glide(at(0.5, 0), 1, desktop);
  assert.deepEqual(pointer.pixel(desktop), at(105, 100));
  pointer.glide(at(30, 0), 1, desktop);
  assert.deepEqual(pointer.pixel(desktop), at(195, 100));
  pointer.glide(at(-5000, 5000), 1, desktop);
  assert.deepEqual(pointer.pixel(desktop), at(0, 599));
});

test("a locked mouse moves as far as its hand, in the desktop's pixels", () => {
  const pointer = new GlidingPointer();
  pointer.place(at(0, 0));
  assert.deepEqual(pointer.move(at(60, 30), 2, { width: 800, height: 600 }), at(120, 60));
});
