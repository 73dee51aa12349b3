// Starting, ending, and everything that is torn away in between.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { after, before, test } from "node:test";
import { Browser, untilPicture, untilState } from "../harness/browser.mjs";
import { displays, environmentOf, processesOf, sharedMemory } from "../harness/machine.mjs";
import { Server } from "../harness/server.mjs";
import { until } from "../harness/wait.mjs";

let browser;
before(async () => (browser = await Browser.launch()));
after(() => browser?.close());

/** What a session leaves on the machine, to compare with what was there before it. */
async function traces() {
  return { displays: await displays(), sharedMemory: await sharedMemory() };
}

async function nothingIsLeft(session, earlier, runFolder) {
  await until("every process to be gone", async () => (await processesOf(session.session)).length === 0);
  await until("every socket and segment to be gone", async () => {
    const now = await traces();
    return (
      now.displays.every((name) => earlier.displays.includes(name)) &&
      now.sharedMemory.every((id) => earlier.sharedMemory.includes(id)) &&
      !existsSync(runFolder)
    );
  });
}

async function runFolderOf(session) {
  const { XAUTHORITY } = await environmentOf(session);
  return XAUTHORITY.slice(0, XAUTHORITY.lastIndexOf("/"));
}

test("ending a session leaves nothing, and says so to its viewer", async (t) => {
  const server = await Server.start();
  t.after(() => server.stop());
  const earlier = await traces();
  const session = await server.session(["xterm"]);
  const folder = await runFolderOf(session);
  const page = await browser.open(session.address);
  await untilPicture(page);
  assert.ok((await processesOf(session.session)).length >= 5);
  assert.equal((await server.run(["session", "stop", session.session])).code, 0);
  await nothingIsLeft(session, earlier, folder);
  await until("the viewer to say so", async () => /ended/i.test(await page.locator("body").innerText()) || page.evaluate(() => document.querySelector("streamspace-viewer")?.dataset.state === "ended"));
  await page.context().close();
});

test("a session ends with its program, and so does the command that runs it", async (t) => {
  const server = await Server.start();
  t.after(() => server.stop());
  const earlier = await traces();
  const session = await server.session(["xterm"]);
  const folder = await runFolderOf(session);
  process.kill(session.processes.program, "SIGTERM");
  await session.running.exit;
  await nothingIsLeft(session, earlier, folder);
});

test("a server that is killed leaves nothing of its sessions", async () => {
  const server = await Server.start();
  const earlier = await traces();
  const session = await server.session(["xterm"]);
  const folder = await runFolderOf(session);
  const page = await browser.open(session.address);
  await untilPicture(page);
  server.process.child.kill("SIGKILL");
  await server.process.exit;
  await nothingIsLeft(session, earlier, folder);
  await page.context().close();
  await server.stop();
});

test("a streamer that crashes comes back, and the viewer finds it by itself", async (t) => {
  const server = await Server.start();
  t.after(() => server.stop());
  const session = await server.session(["xterm"]);
  const page = await browser.open(session.address);
  await untilPicture(page);
  process.kill(session.processes.streamer, "SIGKILL");
  await untilState(page, "reconnecting", "connecting-webrtc");
  await untilPicture(page);
  const { stdout } = await server.run(["session", "list", "--json"]);
  const now = JSON.parse(stdout).items.find((item) => item.metadata.name === session.session);
  assert.notEqual(now.status.processes.streamer, session.processes.streamer);
  assert.equal(now.status.processes.program, session.processes.program);
  await page.context().close();
});

test("a session goes on while another one is ended", async (t) => {
  const server = await Server.start();
  t.after(() => server.stop());
  const staying = await server.session(["xterm"]);
  const ending = await server.session(["xterm"]);
  const page = await browser.open(staying.address);
  await untilPicture(page);
  await server.run(["session", "stop", ending.session]);
  await until("its processes to be gone", async () => (await processesOf(ending.session)).length === 0);
  assert.ok((await processesOf(staying.session)).includes(staying.processes.program));
  assert.equal(await page.evaluate(() => document.querySelector("streamspace-viewer").dataset.state), "connected-webrtc");
  await page.context().close();
});

test("a server that is asked to stop ends its sessions and forgets its address", async () => {
  const server = await Server.start();
  const session = await server.session(["xterm"]);
  server.process.child.kill("SIGTERM");
  assert.equal((await server.process.exit).code, 0);
  assert.deepEqual(await processesOf(session.session), []);
  assert.ok(!(await readdir(server.data)).includes("server.json"));
  await server.stop();
});
