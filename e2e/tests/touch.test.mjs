// Fingers and pens: on the desktop itself, as on a trackpad, and near it by a pinch.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { assertNoFaults } from "../harness/accessibility.mjs";
import { Browser, onPage, pictureSize, untilPicture } from "../harness/browser.mjs";
import { displaySize, inside } from "../harness/machine.mjs";
import { Server, temporaryFolder } from "../harness/server.mjs";
import { Fingers, PHONE } from "../harness/touch.mjs";
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

/** A phone that shows a program which writes down what its pointer does, in one line each. */
async function phone(t, { settings = PHONE, events = ["button"] } = {}) {
  const log = join(await temporaryFolder(t), "events");
  const masks = events.map((event) => `-event ${event}`).join(" ");
  const session = await server.session(["sh", "-c", `exec xev ${masks} >${log}`]);
  const page = await browser.open(session.address, settings);
  t.after(() => page.context().close());
  await untilPicture(page);
  await until("xev's window", () =>
    inside(session, "xdotool", ["search", "--onlyvisible", "--name", "Event Tester"]),
  );
  await fitting(session, page);
  const fingers = await Fingers.on(page);
  const place = (x, y) => onPage(page, x, y);
  return { session, page, fingers, place, happened: () => happenings(log) };
}

/** Waits until the desktop has the size that the phone asks for. */
async function fitting(session, page) {
  await until("the desktop's size", async () => {
    const [display, picture] = [await displaySize(session), await pictureSize(page)];
    const shape = await page.evaluate(() => innerWidth / innerHeight);
    const fits = Math.abs(display.width / display.height - shape) < 0.02;
    return fits && picture.width === display.width && picture.height === display.height;
  });
}

/** `press 1 at 10,20`, `release 1 at 10,20` and so on. */
async function happenings(log) {
  const text = await readFile(log, "utf8");
  const pattern = /Button(Press|Release) event[\s\S]*?root:\((\d+),(\d+)\),\s+state \S+, button (\d+)/g;
  return [...text.matchAll(pattern)].map(
    ([, what, x, y, button]) => `${what.toLowerCase()} ${button} at ${x},${y}`,
  );
}

async function untilHappened(happened, expected) {
  let found = [];
  const matches = async () => {
    found = (await happened()).slice(-expected.length);
    return expected.every((line, index) => line === found[index]);
  };
  await until(`${expected}`, matches).catch((error) => {
    throw new Error(`${found} in place of ${expected}`, { cause: error });
  });
}

const click = (button, x, y) => [`press ${button} at ${x},${y}`, `release ${button} at ${x},${y}`];

/** Where the session has its pointer. */
async function pointer(session) {
  const [, x, y] = (await inside(session, "xdotool", ["getmouselocation"])).match(/x:(\d+) y:(\d+)/);
  return { x: Number(x), y: Number(y) };
}

test("a phone gets a desktop with room for programs, sharp on its screen", async (t) => {
  const { session } = await phone(t);
  assert.deepEqual(await displaySize(session), { width: 720, height: 1558 });
});

test("a tap clicks on the pixel under the finger, and a held finger is a right click", async (t) => {
  const { fingers, place, happened } = await phone(t);
  await fingers.tap(await place(300, 500));
  await untilHappened(happened, click(1, 300, 500));
  await fingers.down(await place(200, 700));
  await untilHappened(happened, click(3, 200, 700));
  await fingers.up();
  await fingers.tap(await place(100, 400), await place(300, 400));
  await untilHappened(happened, click(3, 200, 400));
});

test("a finger drags from where it came down to where it went up", async (t) => {
  const { fingers, place, happened } = await phone(t);
  await fingers.swipe([await place(100, 400)], [await place(500, 900)]);
  await untilHappened(happened, ["press 1 at 100,400", "release 1 at 500,900"]);
});

test("two fingers scroll, and what is under them goes with them", async (t) => {
  const { fingers, place, happened } = await phone(t);
  const from = [await place(200, 500), await place(400, 500)];
  const to = from.map(({ x, y }) => ({ x, y: y + 200 }));
  const turns = async () => new Set((await happened()).map((line) => line.split(" ")[1]));
  await fingers.swipe(from, to);
  await until("a turn upwards", async () => (await turns()).has("4"));
  assert.deepEqual(await turns(), new Set(["4"]));
  await fingers.swipe(to, from);
  await until("a turn downwards", async () => (await turns()).has("5"));
});

test("as a trackpad the screen moves the pointer from where it is", async (t) => {
  const { session, page, fingers, place, happened } = await phone(t);
  const viewer = page.locator("streamspace-viewer");
  await viewer.getByRole("button", { name: "Touch as on a trackpad" }).dispatchEvent("click");
  assert.equal(await viewer.getAttribute("touch"), "trackpad");
  // Before anything has moved it, the pointer is in the middle.
  await fingers.tap({ x: 20, y: 700 });
  const { width, height } = await displaySize(session);
  await untilHappened(happened, click(1, width / 2, height / 2));
  await fingers.swipe([{ x: 100, y: 600 }], [{ x: 160, y: 560 }]);
  const moved = await until("the end of the movement", async () => {
    const [now, next] = [await pointer(session), await pointer(session)];
    const isFar = now.x > width / 2 + 60 && now.y < height / 2 - 40;
    return isFar && now.x === next.x && now.y === next.y && now;
  });
  // Wherever the finger is, the pointer stays.
  await fingers.tap({ x: 20, y: 700 });
  await untilHappened(happened, click(1, moved.x, moved.y));
  await fingers.tap({ x: 20, y: 700 }, { x: 90, y: 700 });
  await untilHappened(happened, click(3, moved.x, moved.y));
  const drawn = await viewer.evaluate((viewer) => {
    const cursor = viewer.shadowRoot.querySelector(".drawn-cursor:not([hidden])");
    const { left, top } = cursor.getBoundingClientRect();
    const { marginLeft, marginTop } = getComputedStyle(cursor);
    return { x: left - parseFloat(marginLeft), y: top - parseFloat(marginTop) };
  });
  const expected = await place(moved.x, moved.y);
  assert.ok(Math.abs(drawn.x - expected.x) < 1 && Math.abs(drawn.y - expected.y) < 1);
});

test("as a trackpad a tap that moves on drags", async (t) => {
  const { page, fingers, happened } = await phone(t);
  await page.locator("streamspace-viewer").evaluate((viewer) => (viewer.setAttribute("touch", "trackpad")));
  const at = { x: 200, y: 600 };
  await fingers.tap(at);
  await fingers.swipe([at], [{ x: 240, y: 640 }]);
  const lines = await until("the drag", async () => {
    const lines = await happened();
    return lines.length === 4 && lines;
  });
  const places = lines.map((line) => line.split(" ").at(-1));
  assert.equal(places[1], places[2]);
  assert.notEqual(places[2], places[3]);
});

test("a pinch brings the desktop near, a tap still hits its pixel, and a button shows all again", async (t) => {
  const { page, fingers, place, happened } = await phone(t);
  const width = () => page.evaluate(() => document.querySelector("streamspace-viewer").picture.getBoundingClientRect().width);
  const before = await width();
  const target = await place(300, 700);
  const spread = (gap) => [{ x: target.x - gap, y: target.y }, { x: target.x + gap, y: target.y }];
  await fingers.swipe(spread(30), spread(90));
  await until("a larger picture", async () => (await width()) > before * 2);
  assert.deepEqual(await happened(), []);
  const near = await place(300, 700);
  assert.ok(Math.hypot(near.x - target.x, near.y - target.y) < 2, "what was between the fingers stays there");
  await fingers.tap(await place(310, 720));
  await untilHappened(happened, click(1, 310, 720));
  const all = page.locator("streamspace-viewer").getByRole("button", { name: "Show the whole desktop" });
  await all.dispatchEvent("click");
  assert.equal(await width(), before);
  assert.equal(await all.count(), 0);
});

test("a turned phone turns the desktop", async (t) => {
  const { session, page, fingers, place, happened } = await phone(t);
  await page.setViewportSize({ width: PHONE.height, height: PHONE.width });
  await fitting(session, page);
  const size = await displaySize(session);
  assert.deepEqual(size, { width: 1558, height: 720 });
  await fingers.tap(await place(1500, 650));
  await untilHappened(happened, click(1, 1500, 650));
});

test("nothing of the interface lies below a notch or a rounded corner", async (t) => {
  const { page } = await phone(t);
  const insets = { top: 47, bottom: 34, left: 20, right: 20 };
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Emulation.setSafeAreaInsetsOverride", { insets });
  const viewer = page.locator("streamspace-viewer");
  await viewer.getByRole("button", { name: "On-screen keys" }).dispatchEvent("click");
  await viewer.evaluate((viewer) => viewer.shadowRoot.querySelector(".toolbar button:not([hidden])").focus());
  const boxes = await until("the toolbar in sight", async () => {
    const boxes = await viewer.evaluate((viewer) =>
      [...viewer.shadowRoot.querySelectorAll(".toolbar button, .keys .key-row:last-child")]
        .filter((element) => element.checkVisibility())
        .map((element) => element.getBoundingClientRect().toJSON()),
    );
    return boxes[0].top >= insets.top && boxes;
  });
  for (const { top, left, bottom } of boxes) {
    assert.ok(top >= insets.top && left >= insets.left && bottom <= PHONE.height - insets.bottom);
  }
});

test("a phone's toolbar is one row, with the rarer buttons behind one for more", async (t) => {
  const { page } = await phone(t);
  const viewer = page.locator("streamspace-viewer");
  const shown = () =>
    viewer.evaluate((viewer) =>
      [...viewer.shadowRoot.querySelectorAll(".toolbar button")]
        .filter((button) => button.checkVisibility())
        .map((button) => ({ name: button.ariaLabel, top: Math.round(button.getBoundingClientRect().top) })),
    );
  const few = await shown();
  assert.equal(new Set(few.map(({ top }) => top)).size, 1, "one row");
  assert.ok(few.some(({ name }) => name === "On-screen keys") && !few.some(({ name }) => name === "Statistics"));
  const more = viewer.getByRole("button", { name: "More controls" });
  await more.focus();
  await page.keyboard.press("Enter");
  assert.equal(await more.getAttribute("aria-expanded"), "true");
  const all = await shown();
  assert.ok(all.some(({ name }) => name === "Statistics") && all.length > few.length);
  await assertNoFaults(page, "a phone's whole toolbar");
  await page.keyboard.press("ArrowLeft");
  const focused = await viewer.evaluate((viewer) => viewer.shadowRoot.activeElement.ariaLabel);
  assert.ok(all.some(({ name }) => name === focused));
  await page.setViewportSize({ width: 1280, height: 720 });
  await until("no more button where there is room", async () => !(await shown()).some(({ name }) => name === "More controls"));
});

test("a phone's interface is clean, with all that it has open", async (t) => {
  const { page } = await phone(t);
  const viewer = page.locator("streamspace-viewer");
  for (const name of ["On-screen keys", "More controls", "Statistics"]) {
    await viewer.getByRole("button", { name }).dispatchEvent("click");
  }
  await viewer.getByRole("table").waitFor();
  await assertNoFaults(page, "a phone");
  const tooSmall = await viewer.evaluate((viewer) =>
    [...viewer.shadowRoot.querySelectorAll("button:not([hidden])")]
      .map((button) => ({ name: button.ariaLabel, ...button.getBoundingClientRect().toJSON() }))
      .filter(({ width, height }) => width > 0 && (width < 44 || height < 28)),
  );
  assert.deepEqual(tooSmall, []);
});

test("a pen points, presses, and has a second button", async (t) => {
  const { page, place, happened } = await phone(t, { settings: {} });
  const devtools = await page.context().newCDPSession(page);
  const pen = async (type, buttons, button) => {
    const { x, y } = await place(400, 300);
    const press = { button, buttons, clickCount: 1 };
    await devtools.send("Input.dispatchMouseEvent", { type, x, y, pointerType: "pen", force: 0.5, ...press });
  };
  await pen("mouseMoved", 0, "none");
  await pen("mousePressed", 1, "left");
  await pen("mouseReleased", 0, "left");
  await untilHappened(happened, click(1, 400, 300));
  await pen("mousePressed", 2, "right");
  await pen("mouseReleased", 0, "right");
  await untilHappened(happened, click(3, 400, 300));
});
