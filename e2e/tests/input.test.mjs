// What a person does: typing in any layout, pointing, copying and pasting.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Browser, onPage, pressKey, type, untilPicture } from "../harness/browser.mjs";
import { inside } from "../harness/machine.mjs";
import { Server, temporaryFolder } from "../harness/server.mjs";
import { typewriter as openTypewriter } from "../harness/typewriter.mjs";
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

const typewriter = (t) => openTypewriter(t, { server, browser });

test("a command typed in the browser creates a file on the machine", async (t) => {
  const folder = await temporaryFolder(t);
  const session = await server.session(["xterm"], { cwd: folder });
  const page = await browser.open(session.address);
  t.after(() => page.context().close());
  await untilPicture(page);
  const file = join(folder, "made");
  await type(page, `touch ${file}`);
  await page.keyboard.press("Enter");
  await until("the file", () => existsSync(file));
});

test("every printable ASCII character arrives as it is", async (t) => {
  const { page, typed } = await typewriter(t);
  const ascii = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join("");
  await page.keyboard.type(`>${ascii}<`);
  assert.equal(await typed(), `>${ascii}<`);
});

test("keys of other layouts type what they mean there", async (t) => {
  const { page, typed } = await typewriter(t);
  await pressKey(page, "Digit2", "é"); // French
  await pressKey(page, "KeyQ", "a"); // French
  await pressKey(page, "Semicolon", "ö"); // German
  await pressKey(page, "KeyE", "€"); // German, AltGr held
  await pressKey(page, "KeyZ", "я"); // Russian
  await pressKey(page, "KeyH", "Ω"); // Greek, Shift held
  assert.equal(await typed(), "éaöя€Ω".replace("я€", "€я"));
});

test("text without keys arrives, emoji and all", async (t) => {
  const { page, typed } = await typewriter(t);
  await page.keyboard.insertText("日本語 😀 naïve");
  assert.equal(await typed(), "日本語 😀 naïve");
});

test("a held key repeats as often as the browser says, and not by itself", async (t) => {
  const { page, typed } = await typewriter(t);
  const devtools = await page.context().newCDPSession(page);
  const key = { code: "KeyA", key: "a", text: "a" };
  await devtools.send("Input.dispatchKeyEvent", { type: "keyDown", ...key });
  for (let repeat = 0; repeat < 2; repeat++) {
    await devtools.send("Input.dispatchKeyEvent", { type: "keyDown", autoRepeat: true, ...key });
  }
  // An X server left to itself begins to repeat after 660 ms.
  await delay(1500);
  await devtools.send("Input.dispatchKeyEvent", { type: "keyUp", ...key });
  assert.equal(await typed(), "aaa");
});

test("a click lands on the pixel it was aimed at", async (t) => {
  const folder = await temporaryFolder(t);
  const log = join(folder, "events");
  const session = await server.session(["sh", "-c", `exec xev -event button >${log}`]);
  const page = await browser.open(session.address);
  t.after(() => page.context().close());
  await untilPicture(page);
  await until("xev's window", async () => existsSync(log) && (await inside(session, "xdotool", ["search", "--onlyvisible", "--name", "Event Tester"])));
  for (const [x, y, button] of [[321, 234, "left"], [640, 401, "right"], [17, 300, "middle"]]) {
    const place = await onPage(page, x, y);
    await page.mouse.click(place.x, place.y, { button });
    const number = { left: 1, middle: 2, right: 3 }[button];
    await until(`button ${number} at ${x},${y}`, async () => {
      const text = await readFile(log, "utf8");
      return new RegExp(`root:\\(${x},${y}\\),\\s+state 0x\\d+, button ${number},`).test(text);
    });
  }
  await page.mouse.wheel(0, 120);
  await until("a notch down", async () => /button 5,/.test(await readFile(log, "utf8")));
  await page.mouse.wheel(0, -120);
  await until("a notch up", async () => /button 4,/.test(await readFile(log, "utf8")));
});

test("text copied in the browser can be pasted in the session", async (t) => {
  const { session, page } = await typewriter(t);
  const text = "from the browser: grüße 😀";
  await page.evaluate((text) => navigator.clipboard.writeText(text), text);
  await page.keyboard.press("Control+KeyV");
  const pasted = () => inside(session, "xclip", ["-o", "-selection", "clipboard"]);
  await until("the session's clipboard", async () => (await pasted()) === text);
});

test("text copied in the session reaches the browser's clipboard", async (t) => {
  const { session, page } = await typewriter(t);
  const copy = "printf 'from the session: grüße 😀' | xclip -i -selection clipboard -silent";
  await inside(session, "sh", ["-c", copy]);
  await until("the browser's clipboard", async () => {
    const text = await page.evaluate(() => navigator.clipboard.readText());
    return text === "from the session: grüße 😀";
  });
});

test("no key stays down when the window loses the focus", async (t) => {
  const folder = await temporaryFolder(t);
  const log = join(folder, "events");
  const session = await server.session(["sh", "-c", `exec xev -event keyboard >${log}`]);
  const page = await browser.open(session.address);
  t.after(() => page.context().close());
  await untilPicture(page);
  await until("xev's window", () => inside(session, "xdotool", ["search", "--onlyvisible", "--name", "Event Tester"]));
  await page.evaluate(() => document.querySelector("streamspace-viewer").focus());
  await page.keyboard.down("KeyA");
  await until("the press", async () => /KeyPress event/.test(await readFile(log, "utf8")));
  await page.evaluate(() => window.dispatchEvent(new Event("blur")));
  await until("the release", async () => /KeyRelease event/.test(await readFile(log, "utf8")));
});
