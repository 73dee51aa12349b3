// Two displays of one session, in two windows of the browser.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Browser, onPage, pictureSize, pixel, untilPicture, untilState } from "../harness/browser.mjs";
import { displaySize, environmentOf, inside } from "../harness/machine.mjs";
import { button, viewerOf } from "../harness/page.mjs";
import { Server, temporaryFolder } from "../harness/server.mjs";
import { until } from "../harness/wait.mjs";

let server;
let browser;

before(async () => {
  server = await Server.start();
  browser = await Browser.launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const FIRST = { width: 900, height: 700 };
const SECOND = { width: 640, height: 480 };

/** What the X server says of its monitors: [[x, width]], from the left. */
async function monitors(session) {
  const text = await inside(session, "xrandr", ["--listactivemonitors"]);
  const found = [...text.matchAll(/ (\d+)\/\d+x\d+\/\d+\+(\d+)\+\d+/g)];
  return found.map(([, width, x]) => [Number(x), Number(width)]).sort(([a], [b]) => a - b);
}

/** Starts a program in the session that ends with the test. */
async function startInside(t, session, command, args) {
  const env = { ...process.env, ...(await environmentOf(session)) };
  const child = spawn(command, args, { env, stdio: "ignore" });
  t.after(() => child.kill());
}

const isRed = async (page, x, y) => String(await pixel(page, x, y)) === String(await pixel(page, x + 40, y + 40)) && (await pixel(page, x, y))[0] > 200 && (await pixel(page, x, y))[1] < 60;

/** A session whose second display is open in a window of its own. */
async function twoWindows(t, command = ["xterm"]) {
  const session = await server.session(command);
  const first = await browser.open(session.address, FIRST);
  t.after(() => first.context().close());
  await untilPicture(first);
  const opened = first.context().waitForEvent("page");
  await first.keyboard.press("Control+Alt+Shift+KeyM");
  await button(first, "Open a second display").press("Enter");
  const second = await opened;
  await second.setViewportSize(SECOND);
  await untilPicture(second);
  await until("the second display's size", async () => JSON.stringify(await pictureSize(second)) === JSON.stringify(SECOND));
  return { session, first, second };
}

test("a window on the second display is seen there only, and clicked there", async (t) => {
  const folder = await temporaryFolder(t);
  const { session, first, second } = await twoWindows(t);
  assert.deepEqual(await monitors(session), [[0, FIRST.width], [FIRST.width, SECOND.width]]);
  assert.deepEqual(await displaySize(session), { width: FIRST.width + SECOND.width, height: FIRST.height });
  assert.deepEqual(await pictureSize(first), FIRST);

  // A window manager makes it as large as that display.
  const log = join(folder, "events");
  await startInside(t, session, "sh", ["-c", `exec xev -geometry 200x200+${FIRST.width + 50}+50 -event button >${log}`]);
  await startInside(t, session, "xterm", ["-bg", "red", "-geometry", `20x5+${FIRST.width + 100}+100`]);
  await until("the window in the second window", () => isRed(second, 500, 300));
  for (const x of [5, 450, FIRST.width - 50]) assert.equal(await isRed(first, x, 300), false, `${x}`);

  const xev = await inside(session, "xdotool", ["search", "--onlyvisible", "--name", "Event Tester"]);
  await inside(session, "xdotool", ["windowraise", xev.trim()]);
  await until("xev in front", async () => !(await isRed(second, 500, 300)));
  const place = await onPage(second, 321, 234);
  await second.mouse.click(place.x, place.y);
  await until("the click", async () => {
    const text = existsSync(log) ? await readFile(log, "utf8") : "";
    return text.includes(`root:(${FIRST.width + 321},234)`);
  });
});

test("each window sets the size of its own display, and closing one takes its display away", async (t) => {
  const { session, first, second } = await twoWindows(t);
  await second.setViewportSize({ width: 800, height: 600 });
  await until("the second display's new size", async () => String(await monitors(session)) === `0,${FIRST.width},${FIRST.width},800`);
  await first.setViewportSize({ width: 1000, height: 500 });
  await until("the first display's new size", async () => String(await monitors(session)) === "0,1000,1000,800");
  await until("its picture", async () => (await pictureSize(first)).width === 1000);
  await second.close();
  await until("one display", async () => String(await monitors(session)) === "0,1000");
  assert.deepEqual(await displaySize(session), { width: 1000, height: 500 });
  await first.evaluate(() => document.querySelector("streamspace-viewer").setAttribute("path", "vnc"));
  await untilState(first, "vnc");
});

test("a still second display is sent nothing while the first one moves", async (t) => {
  const { first, second } = await twoWindows(t, ["xterm", "-e", "while :; do date +%N; sleep 0.05; done"]);
  const decoded = (page) => page.evaluate(() => document.querySelector("streamspace-viewer").video.getVideoPlaybackQuality().totalVideoFrames);
  let before = -1;
  await until("the second display to be still", async () => {
    const now = await decoded(second);
    const isStill = now === before;
    before = now;
    if (isStill) return true;
    const moving = await decoded(first);
    await until("the first display to move", async () => (await decoded(first)) > moving + 30);
    return false;
  });
  assert.equal(await viewerOf(second).getAttribute("display"), "second");
});

test("while VNC shows all of the session, the second window keeps its display", async (t) => {
  const { session, first, second } = await twoWindows(t);
  await first.evaluate(() => document.querySelector("streamspace-viewer").setAttribute("path", "vnc"));
  await untilState(first, "vnc");
  await until("both displays", async () => (await monitors(session)).length === 2);
  await untilState(second, "connected-webrtc");
  assert.deepEqual(await pictureSize(second), SECOND);
});
