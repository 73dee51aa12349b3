// Bad input and bad luck: each ends in a clear error with a stable code, and harms nobody else.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Browser, untilPicture } from "../harness/browser.mjs";
import { processesOf } from "../harness/machine.mjs";
import { Server, run, temporaryFolder } from "../harness/server.mjs";
import { until } from "../harness/wait.mjs";

let server;
const disks = [];
before(async () => (server = await Server.start()));
after(async () => {
  await server?.stop();
  for (const disk of disks) {
    spawnSync("umount", ["--lazy", disk]);
    await rm(disk, { recursive: true });
  }
});

test("a port in use is named, with the way out", async (t) => {
  const data = await temporaryFolder(t);
  const listen = new URL(server.origin).host;
  const { code, stderr } = await run(["up", "--listen", listen, "--data", data]);
  assert.equal(code, 1);
  assert.match(stderr, /\[address-in-use\]/);
  assert.match(stderr, /--listen 127\.0\.0\.1:0/);
});

test("a data folder that another server uses is left alone", async () => {
  const { code, stderr } = await run(["up", "--listen", "127.0.0.1:0", "--data", server.data]);
  assert.equal(code, 1);
  assert.match(stderr, /\[address-in-use\]/);
  assert.equal((await server.run(["session", "list"])).code, 0);
});

test("a program that is not there is named", async () => {
  const command = ["run", "--data", server.data, "--", "no-such-program"];
  const { code, stderr } = await run(command);
  assert.equal(code, 1);
  assert.match(stderr, /no-such-program.*\[program-missing\]/);
});

test("a template that is broken is named in the catalog, and the others start", async (t) => {
  const templates = await temporaryFolder(t);
  const template = (name, command) =>
    `apiVersion: stream.space/v1alpha1\nkind: Template\nmetadata: {name: ${name}}\n` +
    `spec: {displayName: ${name}, command: [${command}], packages: [${name}-package]}\n`;
  await writeFile(join(templates, "good.yaml"), template("good", "xterm"));
  await writeFile(join(templates, "missing.yaml"), template("missing", "no-such-program"));
  await writeFile(join(templates, "broken.yaml"), "kind: [");
  const other = await Server.start({ args: ["--templates", templates] });
  t.after(() => other.stop());
  const browser = await Browser.launch();
  t.after(() => browser.close());
  const page = await browser.open(other.signInUrl);
  await until("the broken file's name", async () =>
    (await page.locator("body").textContent()).includes("broken.yaml"),
  );
  const missing = await other.run(["session", "create", "missing"]);
  assert.match(missing.stderr, /missing-package.*\[program-missing\]/);
  assert.match((await other.run(["session", "create", "nothing"])).stderr, /\[template-not-found\]/);
  await page.getByRole("button", { name: "Start good" }).click();
  await untilPicture(page);
});

test("a display that does not start fails its session with the X server's words", async (t) => {
  const bin = await temporaryFolder(t);
  await writeFile(join(bin, "Xvnc"), "#!/bin/sh\necho 'no screens found' >&2\nexit 1\n");
  await chmod(join(bin, "Xvnc"), 0o755);
  const other = await Server.start({ env: { PATH: `${bin}:${process.env.PATH}` } });
  t.after(() => other.stop());
  const started = await run(["run", "--data", other.data, "--", "xterm"]);
  assert.equal(started.code, 1);
  assert.match(started.stderr, /no screens found/);
  assert.match(started.stderr, /\[display-failed\]/);
});

/** An empty disk of this size, which goes away at the end of all tests. */
async function smallDisk(size) {
  const disk = await mkdtemp(join(tmpdir(), "streamspace-e2e-disk-"));
  assert.equal(spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", disk]).status, 0);
  disks.push(disk);
  return disk;
}

/** Writes zeros until nothing more fits. */
const fill = (disk) => spawnSync("dd", ["if=/dev/zero", `of=${join(disk, "filler")}`, "bs=4k"]);

test("a full disk is an error for new sessions and nothing for those that run", async (t) => {
  const disk = await smallDisk("16m");
  const other = await Server.start({ data: join(disk, "data") });
  t.after(() => other.stop());
  const session = await other.session(["xterm"]);
  fill(disk);
  const refused = await until("a refusal", async () => {
    const { code, stderr } = await other.run(["session", "create", "xterm"]);
    return code !== 0 && stderr;
  });
  assert.match(refused, /\[storage-full\]/);
  assert.ok((await processesOf(session.session)).includes(session.processes.program));
  await rm(join(disk, "filler"));
  assert.equal((await other.run(["session", "create", "xterm"])).code, 0);
});

test("a disk that is full from the start is named at once", async (t) => {
  const disk = await smallDisk("64k");
  fill(disk);
  const { code, stderr } = await run(["up", "--listen", "127.0.0.1:0", "--data", join(disk, "data")]);
  assert.equal(code, 1);
  assert.match(stderr, /\[storage-full\]/);
});

test("the doctor finds a good machine good, and says what mends a bad one", async (t) => {
  const good = await run(["doctor", "--json", "--listen", "127.0.0.1:0", "--data", await temporaryFolder(t)]);
  const findings = JSON.parse(good.stdout);
  assert.equal(good.code, 0, good.stdout);
  assert.ok(findings.some(({ name, verdict }) => name === "encoder x264" && verdict === "good"));
  const empty = await temporaryFolder(t);
  const bad = await run(["doctor", "--json", "--listen", "127.0.0.1:0", "--data", empty], {
    env: { PATH: empty },
  });
  assert.equal(bad.code, 1);
  const display = JSON.parse(bad.stdout).find(({ name }) => name === "display");
  assert.equal(display.verdict, "missing");
  assert.equal(display.mend, "sudo apt install tigervnc-standalone-server");
});
