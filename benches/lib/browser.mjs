// Headless Chromium, with the probe in each of its pages.

import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const { chromium } = createRequire(new URL("../../e2e/package.json", import.meta.url))("playwright-core");
const PROBE = fileURLToPath(new URL("page/probe.js", import.meta.url));

const FLAGS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--autoplay-policy=no-user-gesture-required",
  // Without this and a granted microphone there is no candidate on the loopback device.
  "--allow-loopback-in-peer-connection",
  // A page that is not in front is measured too, when there are many.
  "--disable-background-timer-throttling",
  "--disable-renderer-backgrounding",
  "--disable-backgrounding-occluded-windows",
];

/** `program` starts Chromium; `origins` are trusted like `localhost`, for addresses without TLS. */
export async function launchBrowser({ program = "/usr/bin/chromium", origins = [] } = {}) {
  const trusted = origins.length > 0 ? [`--unsafely-treat-insecure-origin-as-secure=${origins.join(",")}`] : [];
  const browser = await chromium.launch({ executablePath: program, args: [...FLAGS, ...trusted] });
  return {
    version: () => browser.version(),
    close: () => browser.close(),
    open: (address, size) => open(browser, address, size),
  };
}

/** Opens a page in a profile of its own. */
async function open(browser, address, viewport) {
  const context = await browser.newContext({ viewport, ignoreHTTPSErrors: true });
  await context.grantPermissions(["clipboard-read", "clipboard-write", "camera", "microphone"], {
    origin: new URL(address).origin,
  });
  const page = await context.newPage();
  page.on("pageerror", (error) => console.error(`error in the page: ${error.message}`));
  await page.addInitScript({ path: PROBE });
  await page.goto(address);
  return page;
}
