// Files: into the session and out of it, by way of the page and in spite of it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { assertNoFaults, focused } from "../harness/accessibility.mjs";
import { Browser, onPage, untilState } from "../harness/browser.mjs";
import { callApi, openTemplate, startTemplate, writeTemplate } from "../harness/desk.mjs";
import { inside } from "../harness/machine.mjs";
import { button, viewerOf } from "../harness/page.mjs";
import { Server } from "../harness/server.mjs";
import { until } from "../harness/wait.mjs";

const MIB = 1024 * 1024;
const LEAVE = "Control+Alt+Shift+KeyM";

let server, browser, folder;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "streamspace-files-"));
  await writeTemplate(folder, "open");
  await writeTemplate(folder, "slow", { files: { bytesPerSecond: 12 * MIB } });
  await writeTemplate(folder, "only-out", { files: { upload: false } });
  await writeTemplate(folder, "only-in", { files: { download: false, maxBytes: 1000 } });
  await writeTemplate(folder, "closed", { files: { upload: false, download: false } });
  server = await Server.start({ args: ["--templates", folder] });
  browser = await Browser.launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

const openDesk = (t, template, options) => openTemplate(t, { server, browser }, template, options);
const panelOf = (page) => viewerOf(page).getByRole("region", { name: "Files" });

async function openPanel(page) {
  await page.keyboard.press(LEAVE);
  await button(page, "Files").click();
  await panelOf(page).getByRole("button", { name: "Home" }).waitFor();
}

/** Chooses files in the panel's dialog. */
async function choose(page, files, name = "Upload files") {
  const chooser = page.waitForEvent("filechooser");
  await button(page, name).click();
  await (await chooser).setFiles(files);
}

/** Drops what lies at these paths onto a place of the desktop, as a file manager would. */
async function drop(page, paths, at = [900, 500]) {
  const devtools = await page.context().newCDPSession(page);
  const { x, y } = await onPage(page, ...at);
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"]) {
    await devtools.send("Input.dispatchDragEvent", { type, x, y, data });
  }
  await devtools.detach();
}

const untilFile = (path, content) =>
  until(`${path} with its content`, async () => {
    const found = await readFile(path).catch(() => null);
    return found && Buffer.compare(found, Buffer.from(content)) === 0;
  });

test("a file chosen in the panel is in the session, and its panel says so", async (t) => {
  const { page, home } = await openDesk(t, "open");
  const content = randomBytes(3 * MIB);
  await openPanel(page);
  await choose(page, [
    { name: "Grüße 文件.bin", mimeType: "application/octet-stream", buffer: content },
    { name: "empty", mimeType: "text/plain", buffer: Buffer.alloc(0) },
  ]);
  await untilFile(join(home, "Grüße 文件.bin"), content);
  await untilFile(join(home, "empty"), "");
  await panelOf(page).getByText("2 of 2 uploaded").waitFor();
  await panelOf(page).getByRole("link", { name: "Grüße 文件.bin" }).waitFor();
});

test("a second file of the same name gets a number, and the first one stays", async (t) => {
  const { page, home } = await openDesk(t, "open");
  await writeFile(join(home, "note.txt"), "the first");
  await openPanel(page);
  await choose(page, [{ name: "note.txt", mimeType: "text/plain", buffer: Buffer.from("the second") }]);
  await untilFile(join(home, "note (2).txt"), "the second");
  await panelOf(page).getByText("Uploaded: note (2).txt").waitFor();
  assert.equal(await readFile(join(home, "note.txt"), "utf8"), "the first");
});

test("files and folders that are dropped onto the desktop are on it", async (t) => {
  const outside = await mkdtemp(join(tmpdir(), "streamspace-drop-"));
  t.after(() => rm(outside, { recursive: true }));
  await mkdir(join(outside, "Project/src/deep"), { recursive: true });
  await writeFile(join(outside, "Project/README"), "read me");
  await writeFile(join(outside, "Project/src/deep/main.c"), "main");
  await writeFile(join(outside, "single.txt"), "single");
  const { page, home } = await openDesk(t, "open");
  await drop(page, [join(outside, "single.txt"), join(outside, "Project")]);
  await untilFile(join(home, "Downloads/single.txt"), "single");
  await untilFile(join(home, "Downloads/Project/src/deep/main.c"), "main");
  await untilFile(join(home, "Downloads/Project/README"), "read me");

  await mkdir(join(home, "Desktop"));
  await drop(page, [join(outside, "single.txt")]);
  await untilFile(join(home, "Desktop/single.txt"), "single");
  // The panel has opened; what is dropped onto it goes into the folder that it shows.
  await panelOf(page).getByText("Uploaded: Desktop/single.txt").waitFor();
  await button(page, "Desktop/").click();
  await panelOf(page).getByRole("link", { name: "single.txt" }).waitFor();
  await drop(page, [join(outside, "Project/README")], [100, 300]);
  await untilFile(join(home, "Desktop/README"), "read me");
});

test("a file made in the session is taken along, and a folder as an archive", async (t) => {
  const { page, home, status } = await openDesk(t, "open");
  const script = "mkdir -p ~/Work/inner && seq 1 100000 > ~/Work/numbers && echo hidden > ~/Work/inner/é";
  await inside(status, "sh", ["-c", script]);
  await openPanel(page);
  await button(page, "Work/").click();
  const downloads = page.waitForEvent("download");
  await panelOf(page).getByRole("link", { name: "numbers" }).click();
  const download = await downloads;
  assert.equal(download.suggestedFilename(), "numbers");
  assert.deepEqual(await readFile(await download.path()), await readFile(join(home, "Work/numbers")));

  const archives = page.waitForEvent("download");
  await button(page, "Download this folder").click();
  const archive = await archives;
  assert.equal(archive.suggestedFilename(), "Work.zip");
  const bytes = await readFile(await archive.path());
  assert.equal(bytes.subarray(0, 2).toString(), "PK");
  assert.ok(bytes.includes(await readFile(join(home, "Work/numbers"))));
  assert.ok(bytes.includes(Buffer.from("inner/é")));
});

test("an upload goes on by itself after the connection was cut", async (t) => {
  const { page, home } = await openDesk(t, "slow");
  const content = randomBytes(40 * MIB);
  const file = join(folder, "large.bin");
  await writeFile(file, content);
  await openPanel(page);
  await choose(page, [file]);
  const part = async () => (await readdir(home)).find((name) => name.endsWith(".part"));
  await until("some of it", part);
  const progress = panelOf(page).getByRole("progressbar", { name: "Upload of large.bin" });
  await until("it to be on its way", async () => (await progress.evaluate((bar) => bar.value)) > 0.2);
  assert.equal(existsSync(join(home, "large.bin")), false, "not under its name before it is whole");
  let asked = 0;
  page.on("request", (request) => {
    if (request.method() === "GET" && request.url().includes("?upload=")) asked += 1;
  });
  await page.context().setOffline(true);
  await panelOf(page).getByText(/Goes on by itself/).waitFor();
  const kept = (await readFile(join(home, await part()))).length;
  await page.context().setOffline(false);
  await untilFile(join(home, "large.bin"), content);
  assert.ok(kept > 0 && asked > 0, "it has asked how much was there");
  assert.equal(await part(), undefined);
});

test("an upload that is cancelled leaves nothing", async (t) => {
  const { page, home } = await openDesk(t, "slow");
  const file = join(folder, "cancelled.bin");
  await writeFile(file, randomBytes(40 * MIB));
  await openPanel(page);
  await choose(page, [file]);
  const parts = async () => (await readdir(home)).filter((name) => name.endsWith(".part"));
  await until("some of it", async () => (await parts()).length > 0);
  await button(page, "Remove cancelled.bin from the list").click();
  await until("nothing to be left", async () => (await parts()).length === 0);
  assert.equal(existsSync(join(home, "cancelled.bin")), false);
});

test("a download goes on where it was cut", async () => {
  const { home, files } = await startTemplate(server, "open");
  const content = randomBytes(MIB);
  await writeFile(join(home, "data"), content);
  const first = await callApi(server, `${files}/data`);
  const headers = { range: "bytes=700000-", "if-range": first.headers.get("etag") };
  await first.body.cancel();
  const rest = await callApi(server, `${files}/data`, { headers });
  assert.equal(rest.status, 206);
  assert.deepEqual(Buffer.from(await rest.arrayBuffer()), content.subarray(700_000));
});

test("over VNC files go the same way", async (t) => {
  const { page, home } = await openDesk(t, "open", { path: "vnc" });
  await openPanel(page);
  await choose(page, [{ name: "by-vnc", mimeType: "text/plain", buffer: Buffer.from("vnc") }]);
  await untilFile(join(home, "by-vnc"), "vnc");
});

test("what the policy forbids is neither shown nor done", async (t) => {
  const put = (desk, body = "harm") => callApi(server, `${desk.files}/new`, { method: "PUT", body });
  const out = await openDesk(t, "only-out");
  await writeFile(join(out.home, "file"), "content");
  await openPanel(out.page);
  await panelOf(out.page).getByRole("link", { name: "file" }).waitFor();
  assert.equal(await button(out.page, "Upload files").count(), 0);
  assert.equal((await put(out)).status, 403);
  await drop(out.page, [join(folder, "open.yaml")]);
  assert.equal(await (await callApi(server, `${out.files}/file`)).text(), "content");
  assert.deepEqual((await readdir(out.home)).filter((name) => !name.startsWith(".")), ["file"]);

  const into = await openDesk(t, "only-in");
  await writeFile(join(into.home, "file"), "content");
  await openPanel(into.page);
  await panelOf(into.page).getByText("file", { exact: true }).waitFor();
  assert.equal(await panelOf(into.page).getByRole("link").count(), 0);
  assert.equal((await callApi(server, `${into.files}/file`)).status, 403);
  await choose(into.page, [{ name: "large", mimeType: "text/plain", buffer: Buffer.alloc(1001) }]);
  await panelOf(into.page).getByText(/Not uploaded: the file has 1.0 kB/).waitFor();
  assert.equal((await put(into, "x".repeat(1001))).status, 413);
  assert.equal((await put(into, "small")).status, 201);

  const closed = await openDesk(t, "closed");
  assert.equal(await button(closed.page, "Files").count(), 0);
  assert.equal((await put(closed)).status, 403);
});

test("who only watches is shown no files", async (t) => {
  const { page } = await openDesk(t, "open");
  await page.evaluate(() => {
    const viewer = document.querySelector("streamspace-viewer");
    viewer.setAttribute("role-wanted", "view");
    viewer.connect();
  });
  await untilState(page, "connected-webrtc");
  await until("the button to go", async () => (await button(page, "Files").count()) === 0);
});

test("nothing outside the home can be had, whatever lies in it", async () => {
  const { home, files } = await startTemplate(server, "open");
  await writeFile(join(folder, "secret"), "secret");
  await symlink(folder, join(home, "way-out"));
  await symlink("/etc/passwd", join(home, "passwd"));
  spawnSync("mkfifo", [join(home, "pipe")]);
  const status = async (path, options) => (await callApi(server, `${files}/${path}`, options)).status;
  assert.equal(await status("passwd"), 422);
  assert.equal(await status("way-out/secret"), 422);
  assert.equal(await status("way-out?as=zip"), 422);
  assert.equal(await status("pipe"), 422);
  assert.equal(await status("%2e%2e%2f%2e%2e%2fserver.json"), 422);
  assert.equal(await status("way-out/new", { method: "PUT", body: "harm" }), 422);
  assert.equal(existsSync(join(folder, "new")), false);
  const { entries, leftOut } = await (await callApi(server, files)).json();
  assert.equal(entries.some(({ name }) => ["passwd", "way-out", "pipe"].includes(name)), false);
  assert.equal(leftOut, 3);
});

test("a disk that fills up is named, and leaves no half of a file", async (t) => {
  if (process.getuid() !== 0) return t.skip("only root can make a small disk");
  const disk = await mkdtemp(join(tmpdir(), "streamspace-e2e-disk-"));
  assert.equal(spawnSync("mount", ["-t", "tmpfs", "-o", "size=24m", "tmpfs", disk]).status, 0);
  const small = await Server.start({ args: ["--templates", folder], data: join(disk, "data") });
  t.after(async () => {
    await small.stop();
    spawnSync("umount", [disk]);
    await rm(disk, { recursive: true, force: true });
  });
  const { page, home } = await openTemplate(t, { server: small, browser }, "open");
  const file = join(folder, "too-large.bin");
  await writeFile(file, randomBytes(30 * MIB));
  await openPanel(page);
  await choose(page, [file]);
  await panelOf(page).getByText(/Not uploaded: .*disk.*full/).waitFor();
  assert.deepEqual((await readdir(home)).filter((name) => !/^\.[a-zA-Z]/.test(name) || name.endsWith(".part")), []);
  await button(page, "Try too-large.bin again").waitFor();
});

for (const colorScheme of ["dark", "light"]) {
  test(`in the ${colorScheme} look the files are clean, and the keyboard does it all`, async (t) => {
    const { page, home } = await openDesk(t, "open", { colorScheme });
    await mkdir(join(home, "Folder"));
    await writeFile(join(home, "Folder/inside"), "x");
    await page.keyboard.press(LEAVE);
    await button(page, "Files").press("Enter");
    assert.equal(await focused(page), "Files");
    await button(page, "Folder/").press("Enter");
    await panelOf(page).getByRole("link", { name: "inside" }).waitFor();
    assert.equal(await focused(page), "Folder");
    await choose(page, [{ name: "up", mimeType: "text/plain", buffer: Buffer.from("up") }]);
    await panelOf(page).getByText("Uploaded: Folder/up").waitFor();
    await assertNoFaults(page, "the files are open");
    await page.keyboard.press("Escape");
    assert.equal(await panelOf(page).count(), 0);
    assert.equal(await focused(page), "Files");
  });
}
