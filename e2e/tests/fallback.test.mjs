// The other way: noVNC, chosen or because WebRTC does not connect.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Browser, untilPicture, untilState } from "../harness/browser.mjs";
import { Server, temporaryFolder } from "../harness/server.mjs";
import { until } from "../harness/wait.mjs";

let server;
before(async () => (server = await Server.start()));
after(() => server?.stop());

async function typesAFile(page, folder) {
  const file = join(folder, "made");
  await page.evaluate(() => document.querySelector("streamspace-viewer").focus());
  await page.keyboard.type(`touch ${file}`);
  await page.keyboard.press("Enter");
  await until("the file", () => existsSync(file));
}

test("VNC can be chosen, types, and gives way to WebRTC again", async (t) => {
  const browser = await Browser.launch();
  t.after(() => browser.close());
  const folder = await temporaryFolder(t);
  const session = await server.session(["xterm"], { cwd: folder });
  const page = await browser.open(session.address);
  await untilPicture(page);
  await page.evaluate(() => document.querySelector("streamspace-viewer").setAttribute("path", "vnc"));
  await untilState(page, "vnc");
  await typesAFile(page, folder);
  await page.evaluate(() => document.querySelector("streamspace-viewer").setAttribute("path", "auto"));
  await untilPicture(page);
});

test("where WebRTC cannot connect, VNC takes over by itself and says why", async (t) => {
  const browser = await Browser.launch({ webrtc: false });
  t.after(() => browser.close());
  const folder = await temporaryFolder(t);
  const session = await server.session(["xterm"], { cwd: folder });
  const page = await browser.open("about:blank");
  await page.addInitScript(() => {
    // Every address but one that nobody answers: the network between is closed to UDP.
    const add = RTCPeerConnection.prototype.addIceCandidate;
    RTCPeerConnection.prototype.addIceCandidate = function (candidate) {
      const text = candidate?.candidate?.replaceAll("127.0.0.1", "192.0.2.1");
      return add.call(this, text ? { ...candidate, candidate: text } : candidate);
    };
    const answer = RTCPeerConnection.prototype.setRemoteDescription;
    RTCPeerConnection.prototype.setRemoteDescription = function (description) {
      const sdp = description.sdp.replaceAll("127.0.0.1", "192.0.2.1");
      return answer.call(this, { type: description.type, sdp });
    };
  });
  await page.goto(session.address);
  await untilState(page, "vnc");
  const status = page.locator("streamspace-viewer").getByRole("status");
  await until("the reason", async () => /WebRTC/.test((await status.allTextContents()).join(" ")));
  await typesAFile(page, folder);
  assert.ok(true);
});
