// A real application, driven from a real browser, as a person would.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Browser, untilPicture } from "../harness/browser.mjs";
import { inside } from "../harness/machine.mjs";
import { Server } from "../harness/server.mjs";
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

test("a text is written in an editor from the catalog and saved on the machine", async () => {
  const page = await browser.open(server.signInUrl);
  await page.getByRole("button", { name: "Start Text editor" }).click();
  await untilPicture(page);
  const id = new URL(page.url()).pathname.split("/").pop();
  const file = join(server.data, "session-homes", id, "letter.txt");
  const status = async () => {
    const { stdout } = await server.run(["session", "list", "--json"]);
    return JSON.parse(stdout).items.find((item) => item.metadata.name === id).status;
  };
  const focused = async (title) => {
    const name = await inside(await status(), "xdotool", ["getwindowfocus", "getwindowname"]);
    return title.test(name);
  };
  await until("the editor", () => focused(/Mousepad/));
  await page.evaluate(() => document.querySelector("streamspace-viewer").focus());
  await page.keyboard.type("Dear reader,\nthis was typed in a browser.");
  await page.keyboard.press("Control+KeyS");
  await until("the dialog", () => focused(/Save/));
  // A window that is there may still be getting ready to be typed into; a person would try again.
  await until("the file", async () => {
    if (!existsSync(file) && (await focused(/Save/))) {
      await page.keyboard.press("Control+KeyA");
      await page.keyboard.type("letter.txt");
      await page.keyboard.press("Alt+KeyS");
      await until("an effect", () => existsSync(file), 2_000).catch(() => {});
    }
    return existsSync(file);
  });
  assert.match(await readFile(file, "utf8"), /^Dear reader,\nthis was typed in a browser\.\n?$/);
});
