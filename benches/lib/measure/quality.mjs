// How alike the received picture and the original are (SSIM of luma, 1 is the same).

import { mean } from "../statistics.mjs";
import { similarity, similarityToPicture } from "../scene.mjs";

const PICTURES = 2;

/** Of a still picture, which the X server still shows. */
export async function stillQuality({ page, environment, size }) {
  const capture = await page.evaluate(() => globalThis.bench.captureNow());
  return similarity(environment, capture, size);
}

/** Of a moving scene: each received picture is compared with the original of its number. */
export async function movingQuality(kind, { page, size }) {
  const captures = [];
  for (let index = 0; index < PICTURES; index++) {
    captures.push(await page.evaluate(() => globalThis.bench.capture()));
  };
  const values = [];
  for (const capture of captures) {
    if (capture.counter !== null) values.push(await similarityToPicture(kind, capture, size));
  }
  return values.length > 0 ? mean(values) : null;
}
