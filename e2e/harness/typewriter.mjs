// Sessions that keep what arrives in them: typed text, or every key.

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { untilPicture } from "./browser.mjs";
import { inside } from "./machine.mjs";
import { temporaryFolder } from "./server.mjs";
import { until } from "./wait.mjs";

async function open(t, { server, browser, settings }, session) {
  const page = await browser.open(session.address, settings);
  t.after(() => page.context().close());
  await untilPicture(page);
  return page;
}

const focusDesktop = (page) =>
  page.evaluate(() => document.querySelector("streamspace-viewer").focus());

/** A terminal whose shell keeps what is typed until Ctrl+D in a file. */
export async function typewriter(t, { server, browser, settings }) {
  const folder = await temporaryFolder(t);
  const file = join(folder, "typed");
  const command = ["xterm", "-u8", "-e", "sh", "-c", `stty -echo lnext undef; cat >${file}; mv ${file} ${file}.done; cat`];
  const session = await server.session(command, { cwd: folder });
  const page = await open(t, { server, browser, settings }, session);
  await until("the shell", () => existsSync(file));
  await focusDesktop(page);
  const typed = async () => {
    await page.keyboard.press("Enter");
    await page.keyboard.press("Control+KeyD");
    await until("the end of typing", () => existsSync(`${file}.done`));
    return (await readFile(`${file}.done`, "utf8")).trimEnd();
  };
  return { session, page, typed, folder };
}

/** A window that writes down every key: `+Control_L`, `-c` and so on, in order. */
export async function keyLog(t, { server, browser, settings }) {
  const log = join(await temporaryFolder(t), "events");
  const session = await server.session(["sh", "-c", `exec xev -event keyboard >${log}`]);
  const page = await open(t, { server, browser, settings }, session);
  await until("xev's window", () =>
    inside(session, "xdotool", ["search", "--onlyvisible", "--name", "Event Tester"]),
  );
  await focusDesktop(page);
  const keys = async () => {
    const text = await readFile(log, "utf8");
    const events = text.matchAll(/Key(Press|Release) event[\s\S]*?keysym 0x[0-9a-f]+, (\w+)\)/g);
    return [...events].map(([, what, name]) => (what === "Press" ? "+" : "-") + name);
  };
  /** Waits until exactly these keys have come since the last call. */
  let seen = 0;
  const untilKeys = async (...expected) => {
    let found = [];
    const matches = async () => {
      found = (await keys()).slice(seen);
      return expected.length === found.length && expected.every((key, i) => key === found[i]);
    };
    await until(`the keys ${expected.join(" ")}`, matches, 8_000).catch((error) => {
      throw new Error(`${found.join(" ")} in place of ${expected.join(" ")}`, { cause: error });
    });
    seen += found.length;
  };
  return { session, page, untilKeys };
}
