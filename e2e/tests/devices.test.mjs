// Devices of the browser's machine: gamepads, and the word where a session has none.

import assert from "node:assert/strict";
import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { Browser, untilPicture } from "../harness/browser.mjs";
import { button, viewerOf } from "../harness/page.mjs";
import { Server } from "../harness/server.mjs";
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

/** In the page: a gamepad that a test can plug in. */
function fakeGamepad() {
  const buttons = Array.from({ length: 17 }, () => ({ pressed: false, value: 0 }));
  const pad = { index: 0, id: "Test pad", mapping: "standard", buttons, axes: [0, 0, 0, 0] };
  const pads = [null, null, null, null];
  navigator.getGamepads = () => pads;
  globalThis.plugIn = () => {
    pads[0] = pad;
    globalThis.dispatchEvent(new Event("gamepadconnected"));
  };
}

/** In the page: what is said on the channel of keys and buttons. */
function recordSent() {
  globalThis.sent = [];
  const send = RTCDataChannel.prototype.send;
  RTCDataChannel.prototype.send = function (data) {
    if (this.label === "control") globalThis.sent.push(JSON.parse(data));
    return send.call(this, data);
  };
}

function mayUse(device) {
  try {
    accessSync(device, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

async function open(t) {
  const session = await server.session(["xterm"]);
  const script = `(${fakeGamepad})(); (${recordSent})();`;
  const page = await browser.open(session.address, { script });
  t.after(() => page.context().close());
  await untilPicture(page);
  return page;
}

const NO_GAMEPADS = /Programs of this session can use no gamepads: (its machine has no|it may not write to) \/dev\/uinput\./;

test("where the session has no gamepads, whoever plugs one in is told so and none is sent", { skip: mayUse("/dev/uinput") && "this machine has gamepads" }, async (t) => {
  const page = await open(t);
  const notices = viewerOf(page).getByRole("log");
  const said = async () => (await notices.allTextContents()).join(" ");
  assert.doesNotMatch(await said(), NO_GAMEPADS);
  await page.evaluate(() => globalThis.plugIn());
  await until("the word", async () => NO_GAMEPADS.test(await said()));
  assert.equal(await page.evaluate(() => globalThis.sent.some(({ type }) => type === "gamepad")), false);
});

test("the settings say what programs have of gamepads and webcams", async (t) => {
  const page = await open(t);
  await button(page, "Quality and frame rate").dispatchEvent("click");
  const panel = viewerOf(page).getByRole("region", { name: "Quality and frame rate" });
  const text = await panel.innerText();
  assert.match(text, mayUse("/dev/uinput") ? /Programs of this session can use gamepads\./ : NO_GAMEPADS);
  const loopbacks = "/sys/devices/virtual/video4linux";
  const hasLoopback = existsSync(loopbacks) && readdirSync(loopbacks).length > 0;
  assert.match(text, hasLoopback ? /not passed on to its video loopback device/ : /no video loopback device \(v4l2loopback\)/);
});

test("where it has, what is pushed reaches the session", { skip: !mayUse("/dev/uinput") && "this machine has no /dev/uinput" }, async (t) => {
  const page = await open(t);
  const devices = () => readdirSync("/sys/class/input").length;
  const before = devices();
  await page.evaluate(() => globalThis.plugIn());
  await until("the gamepad", () => devices() > before);
});

test("`streamspace doctor` says whether sessions have gamepads", async () => {
  const { stdout } = await server.run(["doctor", "--json"]);
  const found = JSON.parse(stdout).find(({ name }) => name === "gamepads");
  assert.equal(found.verdict, mayUse("/dev/uinput") ? "good" : "warning");
  assert.match(found.detail, /\/dev\/uinput/);
  if (found.verdict === "warning") assert.match(found.mend, /uinput/);
});
