// Click-to-photon: from the page's own event to the picture that shows its effect.

import { setTimeout as delay } from "node:timers/promises";
import { summary } from "../statistics.mjs";

/** Percentiles in ms over this many clicks; one without effect within 4 s is counted as lost. */
export async function clickToPhoton({ page, size }, clicks) {
  const times = [];
  for (let index = 0; index < clicks; index++) {
    // At no fixed phase of any clock, and with what the last click caused over.
    await delay(150 + Math.random() * 100);
    await page.evaluate(() => globalThis.bench.awaitClick());
    await page.mouse.click(size.width / 2, size.height / 2);
    times.push(await page.evaluate(() => globalThis.bench.clicked));
  }
  return { ...summary(times), times: times.map((time) => time && Math.round(time * 10) / 10) };
}
