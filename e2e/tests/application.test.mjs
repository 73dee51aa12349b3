// A real application, driven from a real browser, as a person would.

import { after, before, test } from "node:test";
import { Browser, untilPicture } from "../harness/browser.mjs";
import { inside } from "../harness/machine.mjs";
import { Server } from "../harness/server.mjs";
import { until } from "../harness/wait.mjs";

const LETTER = "Dear reader,\nthis was typed in a browser: Grüße, привет, 100 €.";

let server, browser;
before(async () => {
  server = await Server.start();
  browser = await Browser.launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

test("a text is written in an editor from the catalog, and copied out of it", async () => {
  const page = await browser.open(server.signInUrl);
  await page.getByRole("button", { name: "Start Text editor" }).click();
  await untilPicture(page);
  const id = new URL(page.url()).pathname.split("/").pop();
  await until("the editor", async () => {
    const { stdout } = await server.run(["session", "list", "--json"]);
    const { status } = JSON.parse(stdout).items.find((item) => item.metadata.name === id);
    const title = await inside(status, "xdotool", ["getwindowfocus", "getwindowname"]);
    return /Mousepad/.test(title);
  });
  await page.evaluate(() => document.querySelector("streamspace-viewer").focus());
  await page.keyboard.type(LETTER);
  await page.keyboard.press("Control+KeyA");
  await until("the text in the browser's clipboard", async () => {
    await page.keyboard.press("Control+KeyC");
    return (await page.evaluate(() => navigator.clipboard.readText())).trimEnd() === LETTER;
  });
});
