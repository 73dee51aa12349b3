// Keyboards of other systems, input methods, keys on the screen, and a mouse that is locked.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, pressKey, untilPicture } from "../harness/browser.mjs";
import { displaySize, inside } from "../harness/machine.mjs";
import { button, viewerOf } from "../harness/page.mjs";
import { Server } from "../harness/server.mjs";
import { PHONE } from "../harness/touch.mjs";
import { keyLog, typewriter } from "../harness/typewriter.mjs";
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

/** The modifiers of `Input.dispatchKeyEvent`. */
const ALT = 1;
const CONTROL = 2;
const META = 4;

/** In the page: says that it runs on another system. */
const onPlatform = (name) =>
  `Object.defineProperty(navigator, "platform", { get: () => ${JSON.stringify(name)} });`;

/** Sends key events as a keyboard would: `+KeyC` goes down, `-KeyC` up. */
async function keyEvents(page, events) {
  const devtools = await page.context().newCDPSession(page);
  for (const [what, key, modifiers = 0] of events) {
    const type = what.startsWith("+") ? "rawKeyDown" : "keyUp";
    const code = what.slice(1);
    await devtools.send("Input.dispatchKeyEvent", { type, code, key, modifiers });
  }
  await devtools.detach();
}

test("on a Mac, Command is the Control of shortcuts, however often", async (t) => {
  const settings = { script: onPlatform("MacIntel") };
  const { page, untilKeys } = await keyLog(t, { server, browser, settings });
  // As macOS has it: no release of a key while Command is down.
  await keyEvents(page, [
    ["+MetaLeft", "Meta", META],
    ["+KeyC", "c", META],
    ["+KeyX", "x", META],
    ["-MetaLeft", "Meta"],
  ]);
  await untilKeys("+Control_L", "+c", "-c", "+x", "-x", "-Control_L");
});

test("on a Mac, Option chooses characters and is Alt for the arrows", async (t) => {
  const settings = { script: onPlatform("MacIntel") };
  const { page, untilKeys } = await keyLog(t, { server, browser, settings });
  await keyEvents(page, [
    ["+AltLeft", "Alt", ALT],
    ["+KeyL", "@", ALT],
    ["-KeyL", "@", ALT],
    ["+ArrowLeft", "ArrowLeft", ALT],
    ["-ArrowLeft", "ArrowLeft", ALT],
    ["-AltLeft", "Alt"],
  ]);
  // In the session's own layout "@" is Shift and 2.
  await untilKeys("+Shift_L", "+at", "-Shift_L", "-2", "+Alt_L", "+Left", "-Left", "-Alt_L");
});

test("on Windows, AltGr is no Control and Alt", async (t) => {
  const settings = { script: onPlatform("Win32") };
  const { page, typed } = await typewriter(t, { server, browser, settings });
  // As Windows sends AltGr+Q of the German layout: a Control that nobody pressed comes first.
  await keyEvents(page, [
    ["+ControlLeft", "Control", CONTROL],
    ["+AltRight", "AltGraph", CONTROL | ALT],
    ["+KeyQ", "@", CONTROL | ALT],
    ["-KeyQ", "@", CONTROL | ALT],
    ["-ControlLeft", "Control", ALT],
    ["-AltRight", "AltGraph"],
  ]);
  await page.keyboard.type("x");
  assert.equal(await typed(), "@x");
});

test("on Windows, a real Control still makes shortcuts", async (t) => {
  const settings = { script: onPlatform("Win32") };
  const { page, untilKeys } = await keyLog(t, { server, browser, settings });
  await keyEvents(page, [
    ["+ControlLeft", "Control", CONTROL],
    ["+KeyS", "s", CONTROL],
    ["-KeyS", "s", CONTROL],
    ["-ControlLeft", "Control"],
  ]);
  await untilKeys("+Control_L", "+s", "-s", "-Control_L");
});

test("dead keys type what they make, and nothing before", async (t) => {
  const { page, typed } = await typewriter(t, { server, browser });
  // A browser either tells the character as a key, or composes it.
  await pressKey(page, "BracketLeft", "Dead", { text: "" });
  await pressKey(page, "KeyE", "ê");
  const devtools = await page.context().newCDPSession(page);
  await pressKey(page, "Equal", "Dead", { text: "" });
  await devtools.send("Input.imeSetComposition", { text: "´", selectionStart: 1, selectionEnd: 1 });
  await devtools.send("Input.insertText", { text: "é" });
  assert.equal(await typed(), "êé");
});

test("a composition shows itself here and arrives when it is done", async (t) => {
  const { page, typed } = await typewriter(t, { server, browser });
  const devtools = await page.context().newCDPSession(page);
  const compose = (text) =>
    devtools.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });
  const composing = () =>
    viewerOf(page).evaluate((viewer) => {
      const field = viewer.shadowRoot.querySelector(".keyboard-sink");
      const { width, height } = field.getBoundingClientRect();
      return width > 100 && height > 20 && field.value.replace("\u200b", "");
    });
  for (const step of ["k", "か", "かn", "かん", "かんじ"]) await compose(step);
  assert.equal(await composing(), "かんじ");
  await compose("漢字");
  await devtools.send("Input.insertText", { text: "漢字" });
  assert.equal(await composing(), false);
  // Another one is thought better of.
  await compose("に");
  await compose("");
  await page.keyboard.type("ok");
  assert.equal(await typed(), "漢字ok");
});

test("keys on the screen send what no browser lets through", async (t) => {
  const { page, untilKeys } = await keyLog(t, { server, browser });
  await button(page, "On-screen keys").dispatchEvent("click");
  await button(page, "Esc").click();
  await button(page, "F11").click();
  await untilKeys("+Escape", "-Escape", "+F11", "-F11");
  await button(page, "Ctrl+W").click();
  await untilKeys("+Control_L", "+w", "-w", "-Control_L");
  await button(page, "Super").click();
  await button(page, "Right arrow").click();
  await untilKeys("+Super_L", "+Right", "-Right", "-Super_L");
});

test("a modifier on the screen holds for the next key of any keyboard, or until it is let go", async (t) => {
  const { page, untilKeys } = await keyLog(t, { server, browser });
  await button(page, "On-screen keys").dispatchEvent("click");
  await button(page, "Ctrl").click();
  assert.equal(await button(page, "Ctrl, for the next key").getAttribute("aria-pressed"), "mixed");
  await page.keyboard.press("KeyA");
  await untilKeys("+Control_L", "+a", "-Control_L", "-a");
  assert.equal(await button(page, "Ctrl").getAttribute("aria-pressed"), "false");
  await button(page, "Ctrl").click();
  // As phones send it: text without a key.
  await page.keyboard.insertText("c");
  await untilKeys("+Control_L", "+c", "-c", "-Control_L");
  await button(page, "Shift").click();
  await button(page, "Shift, for the next key").click();
  await button(page, "Left arrow").click();
  await button(page, "Left arrow").click();
  await button(page, "Shift, locked").click();
  await untilKeys("+Shift_L", "+Left", "-Left", "+Left", "-Left", "-Shift_L");
});

test("over VNC the keys on the screen work too", async (t) => {
  const { page, untilKeys } = await keyLog(t, { server, browser });
  await viewerOf(page).evaluate((viewer) => viewer.setAttribute("path", "vnc"));
  await until("VNC", () => viewerOf(page).evaluate((viewer) => viewer.state === "vnc"));
  await button(page, "On-screen keys").dispatchEvent("click");
  await button(page, "Ctrl").click();
  await button(page, "F5").click();
  await untilKeys("+Control_L", "+F5", "-F5", "-Control_L");
});

/** In the page: a device's keyboard, which leaves the page its size and covers a part of it. */
function deviceKeyboard() {
  const { visualViewport } = globalThis;
  let covered = 0;
  Object.defineProperty(visualViewport, "height", { get: () => innerHeight - covered });
  globalThis.coverBelow = (pixels) => {
    covered = pixels;
    visualViewport.dispatchEvent(new Event("resize"));
  };
}

test("the device's keyboard covers neither the desktop nor the keys on the screen", async (t) => {
  const settings = { ...PHONE, script: deviceKeyboard };
  const { session, page } = await typewriter(t, { server, browser, settings });
  await button(page, "On-screen keys").dispatchEvent("click");
  await button(page, "Keyboard of this device").click();
  const focused = () =>
    viewerOf(page).evaluate((viewer) => viewer.shadowRoot.activeElement?.localName ?? null);
  assert.equal(await focused(), null);
  await button(page, "Keyboard of this device").click();
  assert.equal(await focused(), "textarea");
  await until("the phone's desktop", async () => (await displaySize(session)).width === 720);
  await page.evaluate(() => globalThis.coverBelow(300));
  const bottoms = () =>
    viewerOf(page).evaluate((viewer) => {
      const bottom = (element) => element.getBoundingClientRect().bottom;
      return { keys: bottom(viewer.shadowRoot.querySelector(".keys")), picture: bottom(viewer.picture) };
    });
  await until("room for the keyboard", async () => {
    const { keys, picture } = await bottoms();
    return keys === PHONE.height - 300 && picture < keys - 80;
  });
  // The desktop itself keeps its size: programs would jump about.
  assert.equal((await displaySize(session)).height, 1558);
  await button(page, "Tab").click();
  assert.equal(await focused(), "textarea");
  await button(page, "On-screen keys").dispatchEvent("click");
  assert.equal(await focused(), null);
});

test("full screen takes the keys that browsers keep, and gives them back", async (t) => {
  const script = () => {
    globalThis.locks = [];
    const { keyboard } = navigator;
    for (const name of ["lock", "unlock"]) {
      const real = keyboard[name].bind(keyboard);
      keyboard[name] = (...keys) => {
        globalThis.locks.push(name);
        return real(...keys);
      };
    }
  };
  const { page, untilKeys } = await keyLog(t, { server, browser, settings: { script } });
  await button(page, "Full screen").dispatchEvent("click");
  const isFull = () => page.evaluate(() => document.fullscreenElement?.localName === "streamspace-viewer");
  await until("full screen", isFull);
  await until("the lock", () => page.evaluate(() => globalThis.locks.join() === "lock"));
  await page.keyboard.press("Escape");
  await untilKeys("+Escape", "-Escape");
  assert.equal(await isFull(), true);
  await button(page, "Leave full screen").dispatchEvent("click");
  await until("the window again", async () => !(await isFull()));
  assert.deepEqual(await page.evaluate(() => globalThis.locks), ["lock", "unlock"]);
});

test("a locked mouse moves the desktop's pointer on, wherever the window ends", async (t) => {
  const session = await server.session(["xterm"]);
  const page = await browser.open(session.address);
  t.after(() => page.context().close());
  await untilPicture(page);
  await page.mouse.move(600, 400);
  await page.keyboard.press("Control+Alt+Shift+KeyM");
  await button(page, "Lock the pointer to the desktop").press("Enter");
  await until("the lock", () =>
    viewerOf(page).evaluate((viewer) => viewer.shadowRoot.pointerLockElement !== null),
  );
  const pointer = async () => (await inside(session, "xdotool", ["getmouselocation"])).match(/x:(\d+) y:(\d+)/).slice(1).map(Number);
  const start = await pointer();
  await page.mouse.move(700, 420);
  await until("the movement", async () => {
    const [x, y] = await pointer();
    return x === start[0] + 100 && y === start[1] + 20;
  });
  const drawn = viewerOf(page).locator(".drawn-cursor");
  assert.equal(await drawn.isVisible(), true);
  await page.keyboard.press("Control+Alt+Shift+KeyM");
  await until("the mouse back", () => page.evaluate(() => document.pointerLockElement === null));
});
