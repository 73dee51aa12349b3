// The viewer as an npm package, on a page that is not ours.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { assertNoFaults } from "../harness/accessibility.mjs";
import { Browser, untilPicture } from "../harness/browser.mjs";
import { Server, environment } from "../harness/server.mjs";
import { until } from "../harness/wait.mjs";

const run = promisify(execFile);
const client = fileURLToPath(new URL("../../web-client", import.meta.url));

let folder, installed, files, server, browser;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "streamspace-e2e-"));
  files = await install();
  // Beside the API, under the headers of the real server.
  const web = join(folder, "web");
  await cp(environment.STREAMSPACE_WEB_DIR, web, { recursive: true });
  await cp(installed, join(web, "package"), { recursive: true });
  server = await Server.start({ env: { STREAMSPACE_WEB_DIR: web } });
  browser = await Browser.launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Packs the viewer, and installs the package as a stranger would. Gives the files in the package. */
async function install() {
  const pack = ["pack", "--json", "--loglevel=error", "--pack-destination", folder];
  const { stdout } = await run("npm", pack, { cwd: join(client, "viewer") });
  const [{ filename, files }] = JSON.parse(stdout.slice(stdout.indexOf("[")));
  await writeFile(join(folder, "package.json"), '{ "private": true, "type": "module" }');
  const offline = ["install", "--offline", "--no-audit", "--no-fund", "--loglevel=error"];
  await run("npm", [...offline, join(folder, filename)], { cwd: folder });
  installed = join(folder, "node_modules/@streamspace/viewer");
  return files.map(({ path }) => path);
}

/** The example page, about to connect. */
async function openExample(t) {
  const session = await server.session(["xterm"]);
  const page = await browser.open(await server.link("/"));
  t.after(() => page.context().close());
  await page.getByRole("article").first().waitFor();
  await page.goto(`${server.origin}/package/example/index.html?session=${session.session}`);
  return { page, connect: () => page.getByRole("button", { name: "Connect", exact: true }).click() };
}

test("the package holds what a page needs, and its types hold in a stranger's program", async () => {
  const needed = [
    ...["dist/viewer.js", "dist/novnc.js", "dist/picture-worker.js", "dist/types/index.d.ts"],
    ...["dist/LICENSE.txt", "dist/novnc.LICENSE.txt", "README.md"],
    ...["example/index.html", "example/example.js", "example/example.css"],
  ];
  for (const file of needed) assert.ok(files.includes(file), file);
  assert.deepEqual(files.filter((file) => /test|(?<!\.d)\.ts$/.test(file)), []);
  const program = `
    import { StreamspaceViewer, type StateDetail } from "@streamspace/viewer";
    const viewer: StreamspaceViewer = document.createElement("streamspace-viewer");
    viewer.addEventListener("streamspace-state", ({ detail }) => {
      const { state, reason }: StateDetail = detail;
      // @ts-expect-error there is no such state
      if (state === "nowhere") viewer.sendText(reason ?? "");
    });
    viewer.connect();
  `;
  await writeFile(join(folder, "program.ts"), program);
  const options = ["--noEmit", "--strict", "--module", "nodenext", "--lib", "es2022,dom,dom.iterable"];
  const compiler = join(client, "node_modules/.bin/tsc");
  await run(compiler, [...options, "--types", "", "program.ts"], { cwd: folder });
});

test("the example page shows a desktop, with its own look, words and events", async (t) => {
  const { page, connect } = await openExample(t);
  await connect();
  await untilPicture(page);
  const output = page.locator("output");
  await until("news of the picture", async () => /picture came by webrtc/.test(await output.textContent()));
  await assertNoFaults(page, "the example");
  const look = await page.evaluate(() => {
    const { shadowRoot } = document.querySelector("streamspace-viewer");
    const style = (selector) => getComputedStyle(shadowRoot.querySelector(selector));
    return { accent: style(".toolbar").getPropertyValue("--accent"), status: style(".status").fontWeight };
  });
  assert.match(look.accent, /8a3ffc/);
  assert.equal(look.status, "600");
  await page.getByRole("button", { name: "Disconnect" }).last().click();
  await until("news of the end", async () => (await output.textContent()) === "ended: You disconnected.");
});

test("VNC and WebCodecs find their files in the package too", async (t) => {
  const { page, connect } = await openExample(t);
  const viewer = page.locator("streamspace-viewer");
  await viewer.evaluate((viewer) => viewer.setAttribute("decoder", "webcodecs"));
  await connect();
  await untilPicture(page);
  assert.equal(await viewer.evaluate((viewer) => viewer.picture.localName), "canvas");
  await viewer.evaluate((viewer) => viewer.setAttribute("path", "vnc"));
  await until("VNC", () => viewer.evaluate((viewer) => viewer.state === "vnc"));
});
