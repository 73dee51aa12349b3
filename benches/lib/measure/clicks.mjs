// From the page's own event to the program that sees it, and to the picture that shows its effect.

import { setTimeout as delay } from "node:timers/promises";
import { summary } from "../statistics.mjs";

/**
 * Percentiles in ms over this many clicks; one without effect within 4 s is counted as lost. `input` has
 * those of the way to the program alone.
 */
export async function clickToPhoton({ page, size }, scene, clicks) {
  const times = [];
  const input = [];
  for (let index = 0; index < clicks; index++) {
    // At no fixed phase of any clock, and with what the last click caused over.
    await delay(150 + Math.random() * 100);
    await page.evaluate(() => globalThis.bench.awaitClick());
    await page.mouse.click(size.width / 2, size.height / 2);
    const { at, photon } = await page.evaluate(() => globalThis.bench.clicked);
    times.push(photon);
    input.push(photon === null ? null : lastPress(scene) - at);
  }
  return { ...summary(times), times: times.map((time) => time && Math.round(time * 10) / 10), input: summary(input) };
}

/** When the scene saw the last press, in ms since 1970. */
const lastPress = ({ stdout }) => Number(stdout.trimEnd().split("pressed ").at(-1)) / 1000;
