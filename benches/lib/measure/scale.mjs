// What more sessions, and more viewers of one session, cost StreamSpace.

import { setTimeout as delay } from "node:timers/promises";
import { until } from "../../../e2e/harness/wait.mjs";
import { sessionOf, startServer } from "../peers/streamspace.mjs";
import { browserRoots, cpuDuring, totalMemoryOf } from "../proc.mjs";
import { mean } from "../statistics.mjs";
import { failure } from "./desktop.mjs";

const SIZE = { width: 1280, height: 720 };
const FPS = 60;
/** The scene `work` scrolls for a second in every five. */
const PERIOD_SECONDS = 5;
const SCROLLED_PICTURES = 60;

/** `{ sessions: [...], viewers: [...] }`, an entry for each count. */
export async function measureScale(launch, { scaleSeconds, sessionCounts, viewerCounts }, log) {
  return {
    sessions: await each(sessionCounts, (count) => sessions(launch, count, scaleSeconds), "sessions", log),
    viewers: await each(viewerCounts, (count) => viewers(launch, count, scaleSeconds), "viewers", log),
  };
}

async function each(counts, measure, what, log) {
  const entries = [];
  for (const count of counts) {
    log(`${count} ${what}`);
    try {
      entries.push({ count, ...(await measure(count)) });
    } catch (error) {
      entries.push({ count, failure: failure(error) });
      log(`  could not be measured: ${entries.at(-1).failure}`);
    }
  }
  return entries;
}

/** Sessions with a viewer each. */
function sessions(launch, count, seconds) {
  return withServer(launch, async (server, browser) => {
    const pages = [];
    for (let index = 0; index < count; index++) {
      const { address } = await sessionOf(server, { size: SIZE, fps: FPS, scene: "work" });
      pages.push(await openViewer(browser, address));
    }
    return cost(server, pages, seconds);
  });
}

/** Viewers of one session. */
function viewers(launch, count, seconds) {
  return withServer(launch, async (server, browser) => {
    const { address } = await sessionOf(server, { size: SIZE, fps: FPS, scene: "work" });
    const { pathname } = new URL(address);
    const pages = [await openViewer(browser, address)];
    while (pages.length < count) pages.push(await openViewer(browser, await server.link(pathname)));
    return cost(server, pages, seconds);
  });
}

async function withServer(launch, work) {
  const server = await startServer("127.0.0.1");
  try {
    const browser = await launch();
    try {
      return await work(server, browser);
    } finally {
      await browser.close();
    }
  } finally {
    await server.stop();
  }
}

async function openViewer(browser, address) {
  const page = await browser.open(address, SIZE);
  await until("a picture", () => page.evaluate(() => globalThis.bench.kind()), 30_000);
  return page;
}

async function cost(server, pages, seconds) {
  const roots = [server.process.pid];
  const span = Math.max(1, Math.round(seconds / PERIOD_SECONDS)) * PERIOD_SECONDS;
  const { cpu, result } = await cpuDuring(roots, async () => {
    const browserCost = await cpuDuring(await browserRoots(), async () => {
      await Promise.all(pages.map((page) => page.evaluate(() => globalThis.bench.record())));
      await delay(span * 1000);
      return Promise.all(pages.map((page) => page.evaluate(() => globalThis.bench.stopRecording().length)));
    });
    return { shown: browserCost.result, browserCpu: browserCost.cpu.total };
  });
  const scrolled = (SCROLLED_PICTURES * span) / PERIOD_SECONDS;
  return {
    cpu,
    browserCpu: result.browserCpu,
    memoryMb: await totalMemoryOf(roots),
    shownPercent: Math.min(100, (100 * mean(result.shown)) / scrolled),
  };
}
