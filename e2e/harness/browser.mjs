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

/**
 * A browser whose WebRTC can reach this machine, or cannot.
 *
 * `program` starts it, with `env` beside the environment; addresses without TLS that are not
 * `localhost` are trusted if they are among `origins`. With a `profile`, a folder, it is one person's
 * browser; without, nothing is kept. `flags` are more of Chromium's.
 */
export class Browser {
  static async launch({ webrtc = true, program = "/usr/bin/chromium", origins = [], env = {}, profile, flags = [] } = {}) {
    const browser = new Browser();
    browser.webrtc = webrtc;
    const trusted = origins.length > 0 ? [`--unsafely-treat-insecure-origin-as-secure=${origins}`] : [];
    const options = {
      executablePath: program,
      args: [...FLAGS, ...(webrtc ? [LOOPBACK] : []), ...trusted, ...flags],
      env: { ...process.env, ...env },
    };
    if (profile) browser.context = await chromium.launchPersistentContext(profile, options);
    else browser.browser = await chromium.launch(options);
    return browser;
  }

  /**
   * Opens an address in a profile of its own; `script` runs in the page before anything else,
   * `prepare` gets the empty page, and `settings` are Playwright's, such as `locale` and `hasTouch`.
   */
  async open(address, { width = 1280, height = 720, script, prepare, ...settings } = {}) {
    const viewport = { width, height };
    const context = this.context ?? (await this.browser.newContext({ viewport, ...settings }));
    const permissions = ["clipboard-read", "clipboard-write"];
    if (this.webrtc) permissions.push("camera", "microphone");
    await context.grantPermissions(permissions, { origin: new URL(address).origin });
    const page = await context.newPage();
    page.on("pageerror", (error) => console.error("page error:", error));
    if (script) await page.addInitScript(script);
    await prepare?.(page);
    await page.goto(address);
    return page;
  }

  close() {
    return (this.context ?? this.browser).close();
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

/** Runs in the page: what shows the picture, its size in desktop pixels, and whether it has begun. */
function findPicture() {
  const element = document.querySelector("streamspace-viewer").picture;
  if (!(element instanceof HTMLVideoElement)) {
    return element?.width > 0 ? { element, width: element.width, height: element.height } : null;
  }
  const { videoWidth: width, videoHeight: height } = element;
  const hasFrames = element.getVideoPlaybackQuality().totalVideoFrames > 0;
  return hasFrames ? { element, width, height } : null;
}

/** Calls `look` in the page with the picture, or `null` before it has begun, and with `argument`. */
function lookAtPicture(page, look, argument) {
  // Both functions travel as text: a page has no other way to them.
  const source = `(argument) => (${look})((${findPicture})(), argument)`;
  return page.evaluate(`(${source})(${JSON.stringify(argument ?? null)})`);
}

/** Waits until the picture runs, by WebRTC. */
export async function untilPicture(page) {
  await untilState(page, "connected-webrtc");
  await until("a frame", () => pictureSize(page));
  // Not the picture of VNC, which takes over where none comes.
  await untilState(page, "connected-webrtc");
}

/** What decodes the picture: `canvas` by WebCodecs, or `video`. */
export function pictureKind(page) {
  return lookAtPicture(page, (picture) => picture?.element.localName);
}

/** Connects anew with this decoder once there is a picture, and waits for the next one. */
export async function useDecoder(page, decoder) {
  await untilPicture(page);
  await page.evaluate(
    (decoder) => document.querySelector("streamspace-viewer").setAttribute("decoder", decoder),
    decoder,
  );
  await untilPicture(page);
}

/** The size of the picture in desktop pixels. */
export function pictureSize(page) {
  return lookAtPicture(page, (picture) => picture && { width: picture.width, height: picture.height });
}

/** The colour of a desktop pixel as the browser shows it: [red, green, blue]. */
export function pixel(page, x, y) {
  return lookAtPicture(
    page,
    ({ element }, { x, y }) => {
      const context = new OffscreenCanvas(1, 1).getContext("2d");
      context.drawImage(element, x, y, 1, 1, 0, 0, 1, 1);
      return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
    },
    { x, y },
  );
}

/** Where a desktop pixel is on the page. */
export function onPage(page, x, y) {
  return lookAtPicture(
    page,
    ({ element, width, height }, { x, y }) => {
      const box = element.getBoundingClientRect();
      const scale = Math.min(box.width / width, box.height / height);
      const left = box.left + (box.width - width * scale) / 2;
      const top = box.top + (box.height - height * scale) / 2;
      return { x: left + (x + 0.5) * scale, y: top + (y + 0.5) * scale };
    },
    { x, y },
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
