// What a template says about VNC: whether there is any, how sharp, how fast.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Browser, untilPicture, untilState } from "../harness/browser.mjs";
import { watchPeers } from "../harness/peers.mjs";
import { press } from "../harness/people.mjs";
import { Server, built, temporaryFolder } from "../harness/server.mjs";
import { until } from "../harness/wait.mjs";

let browser;
before(async () => (browser = await Browser.launch()));
after(() => browser?.close());

/** A session from a template of this test's own. */
async function open(t, { vnc, command = ["xterm"], script }) {
  const folder = await temporaryFolder(t);
  const template = {
    apiVersion: "stream.space/v1alpha1",
    kind: "Template",
    metadata: { name: "limited" },
    spec: { displayName: "Limited", command, vnc },
  };
  await writeFile(join(folder, "limited.yaml"), JSON.stringify(template));
  const server = await Server.start({ args: ["--templates", folder] });
  t.after(() => server.stop());
  const { stdout, stderr } = await server.run(["session", "create", "limited"]);
  const page = await browser.open(stdout.trim() || assert.fail(stderr), { script });
  t.after(() => page.context().close());
  return page;
}

/** In the page: keeps which encodings the VNC client asks for, and counts what it hears. */
function watchVnc() {
  globalThis.vnc = { encodings: [], bytes: 0 };
  const { send } = WebSocket.prototype;
  const watched = new WeakSet();
  // noVNC looks at the socket's own prototype, so no class may stand between.
  WebSocket.prototype.send = function (data) {
    if (this.url.endsWith("/vnc") && !watched.has(this)) {
      watched.add(this);
      this.addEventListener("message", ({ data }) => (globalThis.vnc.bytes += data.byteLength ?? 0));
    }
    if (ArrayBuffer.isView(data) && data[0] === 2) {
      const view = new DataView(data.buffer, data.byteOffset);
      const count = view.getUint16(2);
      globalThis.vnc.encodings = Array.from({ length: count }, (_, at) => view.getInt32(4 + 4 * at));
    }
    send.call(this, data);
  };
}

const viewer = (page) => page.locator("streamspace-viewer");
const switchToVnc = async (page) => {
  await untilPicture(page);
  await page.evaluate(() => document.querySelector("streamspace-viewer").setAttribute("path", "vnc"));
  await untilState(page, "vnc");
};
const quality = (page) =>
  page.evaluate(() => globalThis.vnc.encodings.find((encoding) => encoding >= -32 && encoding <= -23) + 32);

test("the quality of VNC is chosen within what the template allows", async (t) => {
  const page = await open(t, { vnc: { quality: 4 }, script: watchVnc });
  await switchToVnc(page);
  await until("the limit to be asked for", async () => (await quality(page)) === 4);
  await press(page, "quality");
  const choice = viewer(page).getByLabel("VNC quality");
  assert.equal(await viewer(page).getByLabel("Most data").isVisible(), false);
  const names = await choice.locator("option").allTextContents();
  assert.deepEqual(names, ["low", "medium"]);
  await choice.selectOption({ label: "low" });
  await until("the lower quality", async () => (await quality(page)) === 1);
});

test("a session comes over VNC no faster than the template allows", async (t) => {
  const rate = 200_000;
  const command = [built("scene"), "video"];
  const page = await open(t, { vnc: { maxBytesPerSecond: rate }, command, script: watchVnc });
  await switchToVnc(page);
  const start = await page.evaluate(() => ({ ...globalThis.vnc, since: performance.now() }));
  const end = await until("two megabytes", () =>
    page.evaluate((wanted) => globalThis.vnc.bytes >= wanted && { ...globalThis.vnc, since: performance.now() }, start.bytes + 2_000_000), 60_000);
  const seconds = (end.since - start.since) / 1000;
  // What lies in buffers on the way may come at once.
  const allowed = rate * seconds + 700_000;
  assert.ok(end.bytes - start.bytes <= allowed, `${end.bytes - start.bytes} bytes in ${seconds} s`);
});

test("where the template has no VNC there is no button for it, and the end says so", async (t) => {
  const page = await open(t, { vnc: { enabled: false } });
  await untilPicture(page);
  assert.equal(await viewer(page).locator(".toolbar [data-icon=path]").isVisible(), false);
  const blocked = await open(t, { vnc: { enabled: false }, script: watchPeers({}, "() => false") });
  await untilState(blocked, "ended");
  const status = await viewer(blocked).locator(".status .text").textContent();
  assert.match(status, /^WebRTC: .*VNC: VNC is switched off for this session/);
  assert.ok(await viewer(blocked).getByRole("button", { name: "Find out why" }).isVisible());
});
