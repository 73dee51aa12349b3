// Headless Chromium, and what a person sees in it.

import { chromium } from "playwright-core";
import { until } from "./wait.mjs";

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
];
/** Without this flag and a granted microphone Chromium offers no loopback candidate. */
const LOOPBACK = "--allow-loopback-in-peer-connection";

/** A browser whose WebRTC can reach this machine, or cannot. */
export class Browser {
  static async launch({ webrtc = true } = {}) {
    const browser = new Browser();
    browser.webrtc = webrtc;
    browser.browser = await chromium.launch({
      executablePath: "/usr/bin/chromium",
      args: webrtc ? [...FLAGS, LOOPBACK] : FLAGS,
    });
    return browser;
  }

  /** Opens an address in a profile of its own; `script` runs in the page before anything else. */
  async open(address, { width = 1280, height = 720, script } = {}) {
    const context = await this.browser.newContext({ viewport: { width, height } });
    const permissions = ["clipboard-read", "clipboard-write"];
    if (this.webrtc) permissions.push("camera", "microphone");
    await context.grantPermissions(permissions, { origin: new URL(address).origin });
    const page = await context.newPage();
    page.on("pageerror", (error) => console.error("page error:", error));
    if (script) await page.addInitScript(script);
    await page.goto(address);
    return page;
  }

  close() {
    return this.browser.close();
  }
}

const viewerState = (page) =>
  page.evaluate(() => document.querySelector("streamspace-viewer")?.dataset.state);

/** Waits until the viewer is in one of these states. */
export function untilState(page, ...states) {
  return until(`the viewer to be ${states.join(" or ")}`, async () =>
    states.includes(await viewerState(page)),
  );
}

/** Waits until the picture runs, by WebRTC. */
export async function untilPicture(page) {
  await untilState(page, "connected-webrtc");
  await until("a frame", () =>
    page.evaluate(() => {
      const video = document.querySelector("streamspace-viewer").video;
      return video && video.videoWidth > 0 && video.getVideoPlaybackQuality().totalVideoFrames > 0;
    }),
  );
}

/** The colour of a desktop pixel as the browser shows it: [red, green, blue]. */
export function pixel(page, x, y) {
  return page.evaluate(
    ([x, y]) => {
      const video = document.querySelector("streamspace-viewer").video;
      const canvas = new OffscreenCanvas(1, 1);
      const context = canvas.getContext("2d");
      context.drawImage(video, x, y, 1, 1, 0, 0, 1, 1);
      return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
    },
    [x, y],
  );
}

/** Where a desktop pixel is on the page. */
export async function onPage(page, x, y) {
  return page.evaluate(
    ([x, y]) => {
      const video = document.querySelector("streamspace-viewer").video;
      const box = video.getBoundingClientRect();
      const scale = Math.min(box.width / video.videoWidth, box.height / video.videoHeight);
      const left = box.left + (box.width - video.videoWidth * scale) / 2;
      const top = box.top + (box.height - video.videoHeight * scale) / 2;
      return { x: left + (x + 0.5) * scale, y: top + (y + 0.5) * scale };
    },
    [x, y],
  );
}

/** Presses and lets go a key as a keyboard of any layout would: `key` is what it means there. */
export async function pressKey(page, code, key, { text = key, modifiers = 0 } = {}) {
  const devtools = await page.context().newCDPSession(page);
  const event = { code, key, modifiers };
  await devtools.send("Input.dispatchKeyEvent", { type: "keyDown", text, ...event });
  await devtools.send("Input.dispatchKeyEvent", { type: "keyUp", ...event });
  await devtools.detach();
}

/** Types on the desktop. */
export async function type(page, text) {
  await page.evaluate(() => document.querySelector("streamspace-viewer").focus());
  await page.keyboard.type(text);
}
