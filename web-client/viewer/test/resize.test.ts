import assert from "node:assert/strict";
import test from "node:test";
import { ResizePolicy, desktopFor, dpiOf, pixelRatio } from "../src/core/resize.js";

test("a desktop's sides are even and within what a server can make", () => {
  assert.deepEqual(desktopFor({ width: 1281, height: 721.5 }, 1), { width: 1280, height: 720 });
  assert.deepEqual(desktopFor({ width: 100, height: 100 }, 1), { width: 320, height: 200 });
  assert.deepEqual(desktopFor({ width: 9000, height: 9000 }, 2), { width: 7680, height: 4320 });
});

test("the ratio multiplies the window", () => {
  assert.deepEqual(desktopFor({ width: 800, height: 600 }, 1.5), { width: 1200, height: 900 });
});

test("each size is asked for once", () => {
  const policy = new ResizePolicy();
  const box = { width: 800, height: 600 };
  assert.deepEqual(policy.request(box, 1, 96), { ...box, dpi: 96 });
  assert.equal(policy.request(box, 1, 96), null);
  assert.equal(policy.request({ width: 801, height: 600 }, 1, 96), null);
  assert.deepEqual(policy.request({ width: 802, height: 600 }, 1, 96), {
    width: 802,
    height: 600,
    dpi: 96,
  });
});

test("a size that the desktop has already is not asked for", () => {
  const policy = new ResizePolicy();
  policy.displayed({ width: 800, height: 600 });
  assert.equal(policy.request({ width: 800, height: 600 }, 1, 96), null);
});

test("a desktop that takes another size than asked for is not asked again", () => {
  const policy = new ResizePolicy();
  policy.displayed({ width: 640, height: 480 });
  policy.request({ width: 800, height: 600 }, 1, 96);
  policy.displayed({ width: 640, height: 480 });
  assert.equal(policy.request({ width: 800, height: 600 }, 1, 96), null);
});

test("a hidden window asks for nothing", () => {
  assert.equal(new ResizePolicy().request({ width: 0, height: 0 }, 1, 96), null);
});

test("a phone gets room for programs, as far as its screen is dense enough to show it", () => {
  const phone = { width: 390, height: 844 };
  const ratio = pixelRatio(phone, 3, "handheld");
  assert.deepEqual(desktopFor(phone, ratio), { width: 720, height: 1558 });
  assert.equal(pixelRatio({ width: 844, height: 390 }, 3, "handheld"), ratio);
  assert.equal(pixelRatio(phone, 1, "handheld"), 1);
  assert.equal(pixelRatio({ width: 1180, height: 820 }, 2, "handheld"), 1);
});

test("elsewhere a pixel is one of CSS, or one of the screen for who asks", () => {
  const window = { width: 800, height: 400 };
  assert.equal(pixelRatio(window, 2, "ordinary"), 1);
  assert.equal(pixelRatio(window, 2, "dense"), 2);
});

test("a denser screen asks for larger letters, also at the same size", () => {
  const policy = new ResizePolicy();
  const box = { width: 800, height: 600 };
  policy.request(box, 1, 96);
  assert.deepEqual(policy.request(box, 1, 192), { ...box, dpi: 192 });
  assert.equal(dpiOf(2, "dense"), 192);
  assert.equal(dpiOf(2, "ordinary"), 96);
  assert.equal(dpiOf(3, "handheld"), 96);
  assert.equal(dpiOf(9, "dense"), 480);
});
