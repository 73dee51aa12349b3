// Delivered pictures, freezes and recovery over shaped links, 720p at 30 pictures a second.

import { setTimeout as delay } from "node:timers/promises";
import { launchBrowser } from "../browser.mjs";
import { openLink } from "../network.mjs";
import { freePort } from "../port.mjs";
import { withScene } from "../scene.mjs";
import { freezes, mean, perSecond } from "../statistics.mjs";
import { untilNumbered, withView } from "../view.mjs";
import { failure } from "./desktop.mjs";

const SIZE = { width: 1280, height: 720 };
const FPS = 30;
const STARTUP_SECONDS = 90;
/** A step down and up again is over after three times this. */
const STEP_SECONDS = 15;

/** The links; a steady one is measured for `linkSeconds`. */
const steps = (...kbps) => kbps.map((rate, index) => `${index * STEP_SECONDS}:${rate}`).join(",");
export const profiles = [
  {
    name: "far",
    label: "15 Mbit/s, 50 ms each way, 0.3 % loss",
    link: { rates: "0:15000", delayMs: 50, lossPercent: 0.3, queueMs: 300 },
  },
  {
    name: "drop",
    label: "5 → 0.5 → 5 Mbit/s, 20 ms each way",
    link: { rates: steps(5000, 500, 5000), delayMs: 20, lossPercent: 0, queueMs: 300 },
    seconds: 3 * STEP_SECONDS,
  },
  {
    name: "steps",
    label: "6 → 2 → 12 Mbit/s, 20 ms each way",
    link: { rates: steps(6000, 2000, 12000), delayMs: 20, lossPercent: 0, queueMs: 300 },
    seconds: 3 * STEP_SECONDS,
  },
  {
    name: "loss",
    label: "10 Mbit/s, 20 ms each way, 2 % loss",
    link: { rates: "0:10000", delayMs: 20, lossPercent: 2, queueMs: 300 },
    seconds: 30,
  },
];

/** One entry for each profile and peer: `{ profile, peer, fps, freezes, ... }`, or a failure. */
export async function measureLinks(peers, { linkSeconds, links }, log) {
  const entries = [];
  for (const profile of profiles.filter(({ name }) => links.includes(name))) {
    const seconds = profile.seconds ?? linkSeconds;
    for (const peer of peers) {
      const entry = { profile: profile.name, peer: peer.name, label: peer.label, seconds };
      log(`${profile.label}: ${peer.label}`);
      try {
        Object.assign(entry, await overLink(profile, peer, seconds));
      } catch (error) {
        entry.failure = failure(error);
        log(`  could not be measured: ${entry.failure}`);
      }
      entries.push(entry);
    }
  }
  return entries;
}

async function overLink(profile, peer, seconds) {
  const link = await openLink(profile.link);
  try {
    const { address, browserProgram: program } = link;
    const port = await freePort(address);
    const browser = await launchBrowser({ program, origins: [`http://${address}:${port}`] });
    try {
      const limitSeconds = seconds + STARTUP_SECONDS;
      const options = { size: SIZE, fps: FPS, address, port, limitSeconds };
      return await withView(peer, browser, options, (view) => watch(view, link, seconds));
    } finally {
      await browser.close();
    }
  } finally {
    await link.close();
  }
}

function watch({ page, environment }, link, seconds) {
  return withScene(environment, ["video"], async () => {
    await untilNumbered(page);
    const before = await page.evaluate(() => globalThis.bench.videoStats());
    link.begin();
    await page.evaluate(() => globalThis.bench.record());
    await delay(seconds * 1000);
    const shown = await page.evaluate(() => globalThis.bench.stopRecording());
    const after = await page.evaluate(() => globalThis.bench.videoStats());
    return result(shown, link.reports(), before, after, seconds);
  });
}

function result(shown, reports, before, after, seconds) {
  const times = shown.map(([time]) => time);
  return {
    fps: times.length / seconds,
    freezes: freezes(times),
    browserFreezes: before && {
      count: after.freezeCount - before.freezeCount,
      seconds: after.totalFreezesDuration - before.totalFreezesDuration,
    },
    recoverySeconds: recovery(reports),
    fpsOverTime: perSecond(times),
    linkOverTime: reports,
  };
}

/**
 * Seconds from the link's last step up until it carries, for two seconds on end, 90 % of what it
 * carried before the first step down, or of the whole link if that is less; null if it never does,
 * or if there are no steps.
 */
export function recovery(reports) {
  const rates = reports.map(({ rateKbps }) => rateKbps);
  const down = rates.findIndex((rate, index) => index > 0 && rate < rates[index - 1]);
  const up = rates.findLastIndex((rate, index) => index > 0 && rate > rates[index - 1]);
  if (down < 0 || up < down) return null;
  const settled = reports.slice(Math.floor(down / 2), down).map(({ sentKbit }) => sentKbit);
  const wanted = 0.9 * Math.min(mean(settled), rates[up]);
  const carried = reports.slice(up).map(({ sentKbit }) => sentKbit);
  const back = carried.findIndex((kbit, index) => kbit >= wanted && carried[index + 1] >= wanted);
  return back < 0 ? null : back + 1;
}
