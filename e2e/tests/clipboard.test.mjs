// The clipboard: text, HTML and pictures both ways, in pieces, in order, and by the policy.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { Browser } from "../harness/browser.mjs";
import { openTemplate, writeTemplate } from "../harness/desk.mjs";
import { environmentOf, inside } from "../harness/machine.mjs";
import { Server } from "../harness/server.mjs";
import { until } from "../harness/wait.mjs";

const execute = promisify(execFile);

/** A terminal that pastes with Ctrl+V into a file. */
const PASTING = [
  ...["xterm", "-u8", "-xrm", "XTerm*VT100.translations: #override Ctrl<Key>v: insert-selection(CLIPBOARD)"],
  ...["-title", "pasting", "-e", "sh", "-c", "stty -echo; exec cat > ~/pasted"],
];

let server, browser, folder;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "streamspace-clipboard-"));
  await writeTemplate(folder, "open");
  await writeTemplate(folder, "pasting", {}, PASTING);
  await writeTemplate(folder, "only-out", { clipboard: { toSession: false } });
  await writeTemplate(folder, "only-in", { clipboard: { toBrowser: false } });
  await writeTemplate(folder, "short-text", { clipboard: { kinds: ["text"], maxBytes: 20 } });
  server = await Server.start({ args: ["--templates", folder] });
  browser = await Browser.launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

const openDesk = (t, template, options) => openTemplate(t, { server, browser }, template, options);
const focusDesktop = (page) => page.evaluate(() => document.querySelector("streamspace-viewer").focus());

async function paste(page) {
  await focusDesktop(page);
  await page.keyboard.press("Control+KeyV");
}

/** Copies in the browser; `picture` is the side of a square of noise, in pixels. */
function copyInBrowser(page, { text, html, picture }) {
  return page.evaluate(
    async ({ text, html, picture }) => {
      const item = {};
      if (text) item["text/plain"] = new Blob([text], { type: "text/plain" });
      if (html) item["text/html"] = new Blob([html], { type: "text/html" });
      if (picture) {
        const canvas = new OffscreenCanvas(picture, picture);
        const context = canvas.getContext("2d");
        const pixels = context.createImageData(picture, picture);
        for (let at = 0; at < pixels.data.length; at += 65536) {
          crypto.getRandomValues(pixels.data.subarray(at, at + 65536));
        }
        for (let at = 3; at < pixels.data.length; at += 4) pixels.data[at] = 255;
        context.putImageData(pixels, 0, 0);
        item["image/png"] = await canvas.convertToBlob({ type: "image/png" });
      }
      await navigator.clipboard.write([new ClipboardItem(item)]);
    },
    { text, html, picture },
  );
}

/** What the browser's clipboard holds in this form, as an array of bytes; null without it. */
function browserClipboard(page, type) {
  return page.evaluate(async (type) => {
    const [item] = await navigator.clipboard.read();
    if (!item?.types.includes(type)) return null;
    return [...new Uint8Array(await (await item.getType(type)).arrayBuffer())];
  }, type);
}

const browserText = async (page) => Buffer.from((await browserClipboard(page, "text/plain")) ?? []).toString();

/** What a program of the session would paste. */
async function sessionClipboard(status, target = "UTF8_STRING") {
  const env = { ...process.env, ...(await environmentOf(status)) };
  const options = { env, encoding: "buffer", maxBuffer: 1 << 26, timeout: 20_000 };
  const arguments_ = ["-o", "-selection", "clipboard", "-t", target];
  const { stdout } = await execute("xclip", arguments_, options).catch(() => ({ stdout: Buffer.alloc(0) }));
  return stdout;
}

/** Copies a file's content by a program of the session. */
const copyInSession = (status, file, target = "UTF8_STRING") =>
  inside(status, "sh", ["-c", `xclip -i -selection clipboard -silent -t ${target} "${file}"`]);

test("a paste meets the text that was copied just before it, however large", async (t) => {
  const { page, status, home } = await openDesk(t, "pasting");
  await until("the terminal", async () => {
    const title = await inside(status, "xdotool", ["getwindowfocus", "getwindowname"]).catch(() => "");
    return title.trim() === "pasting" && existsSync(join(home, "pasted"));
  });
  await focusDesktop(page);
  let expected = "";
  for (let round = 0; round < 3; round++) {
    // Lines that a terminal takes, and far more of them than fit into one piece.
    const lines = Array.from({ length: 700 }, (_, line) => `${round} ${line} ${"grüße ".repeat(10)}`);
    const text = `${lines.join("\n")}\n`;
    await page.evaluate((text) => navigator.clipboard.writeText(text), text);
    await page.keyboard.press("Control+KeyV");
    expected += text;
    const pasted = async () => (await readFile(join(home, "pasted"), "utf8")).length >= expected.length;
    await until("all of it", pasted);
    assert.equal(await readFile(join(home, "pasted"), "utf8"), expected);
  }
});

test("a picture that is copied in the browser can be pasted in the session", async (t) => {
  const { page, status } = await openDesk(t, "open");
  await copyInBrowser(page, { picture: 1000 });
  const expected = Buffer.from(await browserClipboard(page, "image/png"));
  assert.ok(expected.length > 2_000_000, "many pieces");
  await paste(page);
  await until("the picture", async () => expected.equals(await sessionClipboard(status, "image/png")));
  const viewer = page.locator("streamspace-viewer");
  await viewer.getByText("Copying to the desktop: 100.0%").waitFor();
});

test("HTML that is copied in the browser can be pasted in the session, with its text", async (t) => {
  const { page, status } = await openDesk(t, "open");
  await copyInBrowser(page, { text: "bold grüße", html: "<b>bold</b> grüße" });
  await paste(page);
  await until("the HTML", async () => /<b[^>]*>bold<\/b> grüße/.test(await sessionClipboard(status, "text/html")));
  assert.equal(String(await sessionClipboard(status)), "bold grüße");
  const targets = String(await sessionClipboard(status, "TARGETS"));
  assert.match(targets, /^TARGETS$[^]*^UTF8_STRING$[^]*^text\/html$/m);
});

test("a picture that a program copies reaches the browser", async (t) => {
  const { page, status, home } = await openDesk(t, "open");
  // Made by the browser, so that its pixels are known there.
  const picture = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(600, 400);
    const context = canvas.getContext("2d");
    for (let x = 0; x < 600; x++) {
      context.fillStyle = `hsl(${(x * 7) % 360} 80% 50%)`;
      context.fillRect(x, 0, 1, 400);
    }
    globalThis.drawn = context.getImageData(0, 0, 600, 400).data;
    return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())];
  });
  await writeFile(join(home, "picture.png"), Buffer.from(picture));
  await copyInSession(status, join(home, "picture.png"), "image/png");
  await until("the picture in the browser's clipboard", () =>
    page.evaluate(async () => {
      const [item] = await navigator.clipboard.read();
      if (!item?.types.includes("image/png")) return false;
      const bitmap = await createImageBitmap(await item.getType("image/png"));
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
      context.drawImage(bitmap, 0, 0);
      const found = context.getImageData(0, 0, bitmap.width, bitmap.height).data;
      return found.length === globalThis.drawn.length && found.every((byte, at) => byte === globalThis.drawn[at]);
    }),
  );
  // Pasted back it stays the program's own, though the browser has encoded it anew.
  const encoded = Buffer.from(await browserClipboard(page, "image/png"));
  assert.ok(!encoded.equals(Buffer.from(picture)));
  await paste(page);
  await page.keyboard.type("a");
  assert.deepEqual(await sessionClipboard(status, "image/png"), Buffer.from(picture));
  // Something else is not taken for it.
  await page.evaluate(() => navigator.clipboard.writeText("a mark"));
  await paste(page);
  await until("the mark", async () => String(await sessionClipboard(status)) === "a mark");
});

test("HTML and large text that programs copy reach the browser", async (t) => {
  const { page, status, home } = await openDesk(t, "open");
  await writeFile(join(home, "html"), "<i>slanted</i> text");
  await copyInSession(status, join(home, "html"), "text/html");
  await until("the HTML", async () => {
    const html = await browserClipboard(page, "text/html");
    return html && /<i[^>]*>slanted<\/i> text/.test(Buffer.from(html).toString());
  });
  const text = "große Zeile\n".repeat(100_000);
  await writeFile(join(home, "text"), text);
  await copyInSession(status, join(home, "text"));
  await until("the text", async () => (await browserText(page)) === text);
});

/** Makes the page believe that everything is allowed, as one that means harm would. */
const believeAll = (page) =>
  page.route("**/connect", async (route) => {
    const response = await route.fetch();
    const join = await response.json();
    const clipboard = { toSession: true, toBrowser: true, kinds: ["text", "html", "png"], maxBytes: 1e7 };
    await route.fulfill({ response, json: { ...join, policy: { ...join.policy, clipboard } } });
  });

/** What programs of the session have before a browser comes. */
async function mark(status, home, text) {
  await writeFile(join(home, "mark"), text);
  await copyInSession(status, join(home, "mark"));
}

/** Copies it again until it has arrived: by VNC the streamer may hear of a viewer a moment after its picture. */
async function untilGiven({ page, status, home }, text) {
  const given = async () => (await browserText(page)) === text;
  for (let turn = 0; ; turn++) {
    await mark(status, home, text);
    try {
      return await until(text.slice(0, 40), given, 6_000);
    } catch (error) {
      if (turn === 3) throw error;
    }
  }
}

for (const path of ["webrtc", "vnc"]) {
  test(`by ${path}, a session that takes nothing keeps its clipboard, whatever the page believes`, async (t) => {
    const { page, status, home } = await openDesk(t, "only-out", { path, prepare: believeAll });
    await untilGiven({ page, status, home }, "from the session");
    await page.evaluate(() => navigator.clipboard.writeText("from outside"));
    await paste(page);
    // Once this has come the session has long had the other.
    await mark(status, home, "again");
    await until("the next text", async () => (await browserText(page)) === "again");
    assert.equal(String(await sessionClipboard(status)), "again");
  });

  test(`by ${path}, a session that gives nothing keeps it from the browser`, async (t) => {
    const { page, status, home } = await openDesk(t, "only-in", { path, prepare: believeAll });
    await page.evaluate(() => navigator.clipboard.writeText("from outside"));
    await mark(status, home, "secret");
    await paste(page);
    await until("the text from outside", async () => String(await sessionClipboard(status)) === "from outside");
    assert.equal(await browserText(page), "from outside");
  });
}

test("kinds and sizes that the policy leaves out do not pass", async (t) => {
  const { page, status, home } = await openDesk(t, "short-text", { prepare: believeAll });
  const untilPasted = async (text) => {
    await page.evaluate((text) => navigator.clipboard.writeText(text), text);
    await paste(page);
    await until(text, async () => String(await sessionClipboard(status)) === text);
  };
  await untilPasted("first");
  await copyInBrowser(page, { text: "with html", html: "<b>with html</b>" });
  await paste(page);
  await page.evaluate(() => navigator.clipboard.writeText("x".repeat(21)));
  await paste(page);
  assert.equal(String(await sessionClipboard(status)), "first");
  await untilPasted("last");

  await mark(status, home, "y".repeat(21));
  await mark(status, home, "short");
  await until("the short text", async () => (await browserText(page)) === "short");
});

test("by VNC too, no more is given than the policy allows, and large texts arrive whole", async (t) => {
  const short = await openDesk(t, "short-text", { path: "vnc", prepare: believeAll });
  await untilGiven(short, "first");
  await mark(short.status, short.home, "y".repeat(21));
  await untilGiven(short, "short");
  const large = await openDesk(t, "open", { path: "vnc" });
  await untilGiven(large, "große Zeile\n".repeat(20_000));
});

test("the page says what the policy does not take", async (t) => {
  const { page } = await openDesk(t, "short-text");
  await page.evaluate(() => navigator.clipboard.writeText("x".repeat(21)));
  await paste(page);
  await page.locator("streamspace-viewer").getByText(/The clipboard holds 21 byte and was not shared/).waitFor();
  const closed = await openDesk(t, "only-out");
  await closed.page.evaluate(() => navigator.clipboard.writeText("anything"));
  await paste(closed.page);
  await closed.page.locator("streamspace-viewer").getByText("This session takes nothing").waitFor();
});
