// Whether a session's sound comes to the browser together with its picture.

import { setTimeout as delay } from "node:timers/promises";
import { until } from "../../../e2e/harness/wait.mjs";
import { built } from "../programs.mjs";
import { startServer } from "../peers/streamspace.mjs";
import { percentile } from "../statistics.mjs";

const BEAT_MS = 700;
/** A tone further from its picture than this belongs to another one. */
const FARTHEST_MS = 300;

/** Milliseconds by which the sound is later than the picture; less than none where it is earlier. */
export async function measureSync(launch, { syncBeats }, log) {
  log("sound beside the picture");
  const server = await startServer("127.0.0.1");
  const browser = await launch();
  try {
    const session = await server.session([built("scene"), "flash", "--beat", `${BEAT_MS}`], { fps: "60" });
    const page = await browser.open(session.address, { width: 1280, height: 720 });
    await until("a picture", () => page.evaluate(() => globalThis.bench.kind()), 30_000);
    await page.evaluate(() => globalThis.bench.recordBeats());
    await delay(BEAT_MS * (syncBeats + 2));
    const { shown, heard } = await page.evaluate(() => globalThis.bench.stopBeats());
    const late = pairs(shown, heard);
    return {
      beats: shown.length,
      paired: late.length,
      p5: percentile(late, 0.05),
      p50: percentile(late, 0.5),
      p95: percentile(late, 0.95),
    };
  } finally {
    await browser.close();
    await server.stop();
  }
}

function pairs(shown, heard) {
  const nearest = (at) => heard.reduce((best, tone) => (Math.abs(tone - at) < Math.abs(best - at) ? tone : best), Infinity);
  return shown.map((at) => nearest(at) - at).filter((late) => Math.abs(late) < FARTHEST_MS);
}
