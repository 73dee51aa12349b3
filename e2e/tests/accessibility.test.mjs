// The interface by keyboard alone and by screen reader.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { assertNoFaults, faults, focused } from "../harness/accessibility.mjs";
import { Browser, untilPicture, untilState } from "../harness/browser.mjs";
import { Server, temporaryFolder } from "../harness/server.mjs";
import { until } from "../harness/wait.mjs";

let server, browser;
before(async () => {
  server = await Server.start();
  browser = await Browser.launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function openSession(t, command = ["xterm"], settings) {
  const session = await server.session(command);
  const page = await browser.open(session.address, settings);
  t.after(() => page.context().close());
  return { session, page };
}

const viewerOf = (page) => page.locator("streamspace-viewer");
const button = (page, name) => viewerOf(page).getByRole("button", { name });
const LEAVE = "Control+Alt+Shift+KeyM";

test("axe finds nothing on a page with a fault only if it looks", async (t) => {
  const { page } = await openSession(t);
  await untilPicture(page);
  await page.evaluate(() => {
    const nameless = document.createElement("button");
    document.querySelector("streamspace-viewer").shadowRoot.append(nameless);
  });
  assert.match((await faults(page)).join("\n"), /button-name: streamspace-viewer/);
});

for (const colorScheme of ["dark", "light"]) {
  test(`in the ${colorScheme} look the viewer is clean in every state`, async (t) => {
    const session = await server.session(["xterm"]);
    let answer;
    const held = new Promise((resolve) => (answer = resolve));
    const hold = (route) => held.then(() => route.continue());
    const prepare = (page) => page.route("**/connect", hold);
    const page = await browser.open(session.address, { colorScheme, prepare });
    t.after(() => page.context().close());
    await untilState(page, "connecting-webrtc");
    await assertNoFaults(page, "connecting");
    answer();
    await untilState(page, "connected-webrtc");
    await assertNoFaults(page, "connected");
    await page.keyboard.press(LEAVE);
    await assertNoFaults(page, "the toolbar is open");
    await button(page, "Statistics").press("Enter");
    await viewerOf(page).getByRole("table").waitFor();
    await assertNoFaults(page, "the statistics are open");
    await viewerOf(page).evaluate((viewer) => viewer.setAttribute("path", "vnc"));
    await untilState(page, "vnc");
    await assertNoFaults(page, "VNC");
    await button(page, "Disconnect").press("Enter");
    await untilState(page, "ended");
    await assertNoFaults(page, "ended");
    await page.route("**/connect", (route) => route.fulfill({ status: 500, body: "" }));
    await button(page, "Connect again").press("Enter");
    await untilState(page, "reconnecting");
    await assertNoFaults(page, "reconnecting");
    await page.unroute("**/connect");
    await server.run(["session", "stop", session.session]);
    await untilState(page, "ended");
    await assertNoFaults(page, "failed");
  });
}

test("the web app's pages are clean", async (t) => {
  const page = await browser.open(`${server.origin}/`);
  t.after(() => page.context().close());
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await assertNoFaults(page, "sign-in");
  await server.session(["xterm"]);
  await page.goto(await server.link("/"));
  for (const colorScheme of ["dark", "light"]) {
    await page.emulateMedia({ colorScheme });
    await page.getByRole("article").first().waitFor();
    await page.getByRole("link", { name: /^Open / }).first().waitFor();
    await assertNoFaults(page, `the catalog, ${colorScheme}`);
  }
  await page.goto(`${server.origin}/session/nobody`);
  await page.getByText("There is no such session.").waitFor();
  await assertNoFaults(page, "a session that is not there");
});

test("the keyboard gets into the desktop and out of it, on both sides", async (t) => {
  const folder = await temporaryFolder(t);
  const { page } = await openSession(t);
  await untilPicture(page);
  await page.evaluate(() => {
    const viewer = document.querySelector("streamspace-viewer");
    for (const [where, text] of [["before", "Before"], ["after", "After"]]) {
      const button = document.createElement("button");
      button.textContent = text;
      viewer[where](button);
    }
  });
  await page.getByRole("button", { name: "Before" }).focus();
  await page.keyboard.press("Tab");
  assert.match(await focused(page), /Remote desktop.*Ctrl\+Alt\+Shift\+M/);
  // Tab belongs to the desktop now.
  await page.keyboard.press("Tab");
  assert.match(await focused(page), /Remote desktop/);
  await page.keyboard.press(LEAVE);
  assert.equal(await focused(page), "‹ Desktops");
  await page.keyboard.press("Shift+Tab");
  assert.equal(await focused(page), "Before");
  await page.keyboard.press("Tab");
  await page.keyboard.press(LEAVE);
  const left = [];
  while (left.at(-1) !== "After" && left.length < 5) {
    await page.keyboard.press("Tab");
    left.push(await focused(page));
  }
  assert.equal(left.at(-1), "After");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Shift+Tab");
  assert.equal(await focused(page), "‹ Desktops");
  await page.keyboard.press("Escape");
  assert.match(await focused(page), /Remote desktop/);
  const file = join(folder, "typed");
  await page.keyboard.type(`touch ${file}\n`);
  await until("the file", () => existsSync(file));
});

test("arrow keys walk along the toolbar, which shows itself and where they are", async (t) => {
  const { page } = await openSession(t);
  await untilPicture(page);
  await page.keyboard.press(LEAVE);
  const bar = viewerOf(page).getByRole("toolbar", { name: "Desktop controls" });
  await until("the toolbar in sight", async () => (await bar.boundingBox()).y >= 0);
  const walked = [];
  for (let step = 0; step < 3; step++) {
    await page.keyboard.press("ArrowRight");
    walked.push(await focused(page));
  }
  assert.deepEqual(walked, ["On-screen keys", "Lock the pointer to the desktop", "Full screen"]);
  const outline = await button(page, walked.at(-1)).evaluate((button) => getComputedStyle(button).outlineStyle);
  assert.equal(outline, "solid");
  await page.keyboard.press("End");
  assert.equal(await focused(page), "Disconnect");
  await page.keyboard.press("Home");
  assert.equal(await focused(page), "‹ Desktops");
  await viewerOf(page).evaluate((viewer) => (viewer.lang = "ar"));
  await page.keyboard.press("ArrowLeft");
  assert.equal(await focused(page), "مفاتيح على الشاشة");
});

test("Escape closes the statistics and leads back to the toolbar", async (t) => {
  const { page } = await openSession(t);
  await untilPicture(page);
  await page.keyboard.press(LEAVE);
  await button(page, "Statistics").press("Space");
  assert.equal(await button(page, "Statistics").getAttribute("aria-pressed"), "true");
  const panel = viewerOf(page).getByRole("region", { name: "Statistics" });
  await panel.focus();
  await page.keyboard.press("Escape");
  assert.equal(await panel.count(), 0);
  assert.equal(await button(page, "Statistics").getAttribute("aria-pressed"), "false");
  assert.equal(await focused(page), "Statistics");
});

test("what the connection does is read out, and its end is where the focus goes", async (t) => {
  const { page } = await openSession(t);
  await untilPicture(page);
  const status = viewerOf(page).getByRole("status");
  await until("the news", async () => (await status.textContent()) === "Connected.");
  assert.equal(await viewerOf(page).locator(".status").evaluate((box) => box.offsetWidth), 1);
  await page.keyboard.press(LEAVE);
  await button(page, "Disconnect").press("Enter");
  await untilState(page, "ended");
  assert.equal(await status.textContent(), "You disconnected.");
  assert.equal(await focused(page), "Connect again");
});

test("who wants no motion sees none, and forced colours stay legible", async (t) => {
  const { page } = await openSession(t);
  await untilPicture(page);
  await page.emulateMedia({ reducedMotion: "reduce", forcedColors: "active" });
  await page.keyboard.press(LEAVE);
  await button(page, "Statistics").press("Enter");
  await viewerOf(page).getByRole("table").waitFor();
  await assertNoFaults(page, "forced colours");
  const look = await viewerOf(page).evaluate((viewer) => {
    const style = (selector) => getComputedStyle(viewer.shadowRoot.querySelector(selector));
    return {
      transition: style(".toolbar-edge").transitionDuration,
      pressed: style("[data-icon=stats]").backgroundColor,
      other: style("[data-icon=fullscreen]").backgroundColor,
      stage: style(".latency-bar [data-stage=encode]").backgroundColor,
    };
  });
  assert.equal(look.transition, "0s");
  assert.notEqual(look.pressed, look.other);
  assert.equal(look.stage, "rgb(240, 180, 80)");
});
