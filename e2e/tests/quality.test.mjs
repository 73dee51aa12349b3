// How much is sent, how large letters are, and the mouse of programs that hide it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Browser, untilPicture } from "../harness/browser.mjs";
import { displaySize, inside } from "../harness/machine.mjs";
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

/** What the statistics say under this name. */
async function figure(page, name) {
  const value = viewerOf(page).locator(`.stats dt:text-is("${name}") + dd`);
  return (await value.count()) > 0 ? value.innerText() : "";
}

/** What the encoder is asked for, in Mbit/s. */
async function targetOf(page) {
  const [, number, unit] = (await figure(page, "Encoder bitrate")).match(/of ([\d.,]+)\s(\w)/) ?? [];
  return number && Number(number.replace(",", "")) * { k: 1e-3, M: 1 }[unit];
}

test("less is sent to who wants less, until more is wanted again", async (t) => {
  const session = await server.session(["xterm", "-e", "while :; do date +%N; sleep 0.05; done"], { fps: "60" });
  const page = await browser.open(session.address);
  t.after(() => page.context().close());
  await untilPicture(page);
  await page.keyboard.press("Control+Alt+Shift+KeyM");
  await button(page, "Statistics").press("Enter");
  const free = await until("the target", () => targetOf(page));
  assert.ok(free > 1, `${free} Mbit/s`);

  await button(page, "Quality and frame rate").press("Enter");
  const data = viewerOf(page).getByLabel("Most data");
  // Nothing lies over it.
  await data.click({ trial: true });
  await data.selectOption("1 Mbit/s");
  await viewerOf(page).getByLabel("Most frames").selectOption("5 fps");
  assert.equal(await viewerOf(page).getAttribute("max-bitrate"), "1000000");
  await button(page, "Statistics").press("Enter");
  await until("less data", async () => (await targetOf(page)) < 1);
  await until("fewer frames", async () => {
    const [, frames] = (await figure(page, "Encoded")).match(/^(\d+)/) ?? [];
    return Number(frames) >= 1 && Number(frames) <= 6;
  });

  await button(page, "Quality and frame rate").press("Enter");
  await data.selectOption("Automatic");
  await viewerOf(page).getByLabel("Most frames").selectOption("Automatic");
  await data.press("Escape");
  assert.equal(await data.isVisible(), false);
  await button(page, "Statistics").press("Enter");
  await until("more data", async () => (await targetOf(page)) > 1);
});

test("on a dense screen the desktop has more pixels, and letters and pointers are larger by as much", async (t) => {
  const session = await server.session(["xterm"]);
  const page = await browser.open(session.address, { width: 800, height: 600, deviceScaleFactor: 2 });
  t.after(() => page.context().close());
  await untilPicture(page);
  assert.doesNotMatch(await inside(session, "xrdb", ["-query"]), /Xft\.dpi:\s+192/);
  await viewerOf(page).evaluate((viewer) => {
    viewer.setAttribute("hidpi", "");
    viewer.connect();
  });
  await untilPicture(page);
  await until("twice the pixels", async () => (await displaySize(session)).width === 1600);
  assert.match(await inside(session, "xrdb", ["-query"]), /Xft\.dpi:\s+192\nXcursor\.size:\s+48/);
  // Its pixels are the screen's too.
  await page.mouse.move(400, 300);
  await until("a pointer for dense screens", () =>
    viewerOf(page).evaluate((viewer) =>
      /^image-set\(url\(.*\) 2x\)|2dppx/.test(viewer.shadowRoot.querySelector(".desktop").style.cursor),
    ),
  );
});

test("a locked mouse moves a hidden pointer by what it moved, past the desktop's edges", async (t) => {
  const profile = `--user-data-dir=${await temporaryFolder(t)}`;
  const game = "data:text/html,<body style='cursor: none; background: teal'>";
  const session = await server.session(["chromium", "--no-sandbox", "--no-first-run", "--kiosk", profile, game]);
  const page = await browser.open(session.address);
  t.after(() => page.context().close());
  await untilPicture(page);
  await page.mouse.move(640, 360);
  const pointer = async () => (await inside(session, "xdotool", ["getmouselocation"])).match(/x:(\d+) y:(\d+)/).slice(1).map(Number);
  await until("the pointer", async () => String(await pointer()) === "640,360");
  await until("a program that hides it", () =>
    viewerOf(page).evaluate((viewer) => viewer.shadowRoot.querySelector(".desktop").style.cursor === "none"),
  );
  await page.keyboard.press("Control+Alt+Shift+KeyM");
  await button(page, "Lock the pointer to the desktop").press("Enter");
  await until("the lock", () => viewerOf(page).evaluate((viewer) => viewer.shadowRoot.pointerLockElement !== null));
  // A program holds it in place, as games do.
  await inside(session, "xdotool", ["mousemove", "100", "100"]);
  await page.mouse.move(700, 340);
  await until("the movement from there", async () => String(await pointer()) === "160,80");
  await inside(session, "xdotool", ["mousemove", "100", "100"]);
  await page.mouse.down();
  await page.mouse.up();
  await page.mouse.move(710, 340);
  // Neither the click nor the lock's own place has moved it.
  await until("the movement from there", async () => String(await pointer()) === "110,100");
});
