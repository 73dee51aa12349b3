// A peer that runs, and a page that shows it: what everything is measured through.

import { setTimeout as delay } from "node:timers/promises";
import { until } from "../../e2e/harness/wait.mjs";
import { sizeOfDisplay } from "./display.mjs";
import { freePort } from "./port.mjs";
import { withScene } from "./scene.mjs";

const PICTURE_MS = 30_000;
const SETTLING_MS = 1500;

/**
 * Starts a peer and a page on it, lets `work` use them, and ends both. A peer that stops answering
 * does not hold up the others: after `limitSeconds` its work has failed.
 */
export async function withView(peer, browser, options, work) {
  const address = options.address ?? "127.0.0.1";
  const port = options.port ?? (await freePort(address));
  const running = await peer.start({ ...options, address, port });
  try {
    const page = await browser.open(running.address, options.size);
    try {
      await show(peer, running, page, options.size);
      return await within(options.limitSeconds, work({ ...running, page, size: options.size }));
    } finally {
      await page.context().close();
    }
  } finally {
    await running.stop();
  }
}

async function within(seconds, promise) {
  const timer = new AbortController();
  const limit = delay(seconds * 1000, null, { signal: timer.signal }).then(() => {
    throw new Error(`not done within ${seconds} s`);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    timer.abort();
    limit.catch(() => {});
  }
}

/** Waits for the picture, at the wanted size: bars of the page may have taken a part of it. */
export async function show(peer, { environment }, page, size) {
  await peer.opened(page);
  const pictured = () => until("a picture", () => page.evaluate(() => globalThis.bench.kind()), PICTURE_MS);
  await page.evaluate((size) => (globalThis.bench.desktop = size), size);
  await withScene(environment, ["flash"], pictured);
  await fit(environment, page, size);
  await withScene(environment, ["flash"], pictured);
}

async function fit(environment, page, size) {
  const actual = await sizeOfDisplay(environment);
  if (actual.width === size.width && actual.height === size.height) return;
  const viewport = page.viewportSize();
  await page.setViewportSize({
    width: viewport.width + size.width - actual.width,
    height: viewport.height + size.height - actual.height,
  });
  await until("the desktop's size", async () => {
    const { width, height } = await sizeOfDisplay(environment);
    return width === size.width && height === size.height;
  });
}

/** Waits until the page shows a numbered picture of the scene; gives what it is shown in. */
export async function untilNumbered(page) {
  const kind = await until("a numbered picture", async () => {
    const kind = await page.evaluate(() => globalThis.bench.kind());
    return kind && kind.counter !== null && kind;
  });
  // Until rate control and decoder have got used to the new scene.
  await delay(SETTLING_MS);
  return kind.element;
}
