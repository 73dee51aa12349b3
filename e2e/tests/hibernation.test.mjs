// Sessions that sleep, in a browser and by command, and the record of it.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { Browser, untilPicture, untilState } from "../harness/browser.mjs";
import { Server } from "../harness/server.mjs";
import { until } from "../harness/wait.mjs";

let server, browser;
before(async () => ([server, browser] = await Promise.all([Server.start(), Browser.launch()])));
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function command(...args) {
  const { code, stdout, stderr } = await server.run(args);
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

const list = async () => JSON.parse(await command("session", "list", "--json")).items;
const phaseOf = async (name) => (await list()).find(({ metadata }) => metadata.name === name)?.status.phase;

test("a session is put to sleep in the catalog, and opening it goes on with its files", async (t) => {
  const created = JSON.parse(await command("session", "create", "xterm", "--json"));
  const name = created.metadata.name;
  const page = await browser.open(await server.link());
  t.after(() => page.context().close());
  await until("a running session", async () => (await phaseOf(name)) === "Running");
  const sleep = page.getByRole("button", { name: `Hibernate ${name}` });
  await sleep.click();
  await page.locator('[data-phase="Hibernated"]').waitFor();
  assert.equal(await phaseOf(name), "Hibernated");

  await page.getByRole("link", { name: `Open ${name}` }).click();
  await untilPicture(page);
  assert.equal(await phaseOf(name), "Running");

  // Somebody puts it to sleep while it is looked at: the page does not wake it by itself.
  await command("session", "hibernate", name);
  await page.getByRole("link", { name: "Start it again" }).waitFor({ timeout: 60_000 });
  assert.equal(await phaseOf(name), "Hibernated");
  await page.getByRole("link", { name: "Start it again" }).click();
  await untilPicture(page);
});

test("a session hibernates when nobody acts in it, by WebRTC or VNC, and says why", async (t) => {
  const idle = await Server.start({ args: ["--idle-timeout", "8s"] });
  t.after(() => idle.stop());
  const { stdout, stderr } = await idle.run(["session", "create", "xterm"]);
  const page = await browser.open(stdout.trim() || assert.fail(stderr));
  t.after(() => page.context().close());
  const session = async () => JSON.parse((await idle.run(["session", "list", "--json"])).stdout).items[0];
  const status = async () => (await session()).status;
  let moves = 0;
  const isUsed = async (since) => {
    await page.mouse.move(300, 300 + (moves++ % 100));
    return (await status()).lastActivity > since;
  };

  await untilPicture(page);
  const { startedAt } = await status();
  await until("activity by WebRTC", () => isUsed(startedAt));
  await page.evaluate(() => document.querySelector("streamspace-viewer").setAttribute("path", "vnc"));
  await untilState(page, "vnc");
  // What was typed before is written by then, so what is newer came by VNC.
  const { lastActivity } = await status();
  await until("activity by VNC", () => isUsed(lastActivity));

  // From here on it is only looked at.
  await page.getByRole("link", { name: "Start it again" }).waitFor({ timeout: 60_000 });
  const { phase, conditions } = await status();
  assert.equal(phase, "Hibernated");
  const expired = conditions.find(({ type }) => type === "Expired");
  assert.equal(expired.reason, "IdleTimeout");
  assert.match(expired.message, /8s/);
});

test("what was done is recorded, and a record that somebody has changed is found", async () => {
  const [session] = await list();
  await command("session", "stop", session.metadata.name);
  const events = (await command("audit", "export")).split("\n").map((line) => JSON.parse(line));
  const done = events.map(({ who, method, path, status }) => `${who} ${method} ${path} ${status}`);
  for (const wanted of [
    "admin POST /sessions 201",
    `admin PATCH /sessions/${session.metadata.name} 200`,
    `admin DELETE /sessions/${session.metadata.name} 204`,
  ]) {
    assert.ok(done.includes(wanted), `${wanted} is not in\n${done.join("\n")}`);
  }
  assert.ok(events.every(({ from }) => from === "127.0.0.1"));

  const head = await command("audit", "verify");
  assert.match(head, new RegExp(`^${events.length}:[0-9a-f]{64}$`));
  await command("audit", "verify", "--head", head);

  // By somebody who can write to the file.
  const forge = "UPDATE audit_events SET line = replace(line, 'admin', 'other') WHERE number = 2";
  const python = `import sqlite3,sys; d=sqlite3.connect(sys.argv[1]); d.execute(sys.argv[2]); d.commit()`;
  execFileSync("/usr/bin/python3", ["-c", python, `${server.data}/audit.db`, forge]);
  const forged = await server.run(["audit", "verify"]);
  assert.equal(forged.code, 1);
  assert.match(forged.stderr, /event 2 was changed/);
});
