// The other way: noVNC, chosen or because WebRTC does not connect.

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

/** In the page: every address of the server becomes one that nobody answers. */
function blockUdp() {
  const elsewhere = (text) => text.replaceAll("127.0.0.1", "192.0.2.1");
  globalThis.RTCPeerConnection = class extends globalThis.RTCPeerConnection {
    addIceCandidate(candidate) {
      const text = candidate?.candidate;
      return super.addIceCandidate(text ? { ...candidate, candidate: elsewhere(text) } : candidate);
    }
    setRemoteDescription({ type, sdp }) {
      return super.setRemoteDescription({ type, sdp: elsewhere(sdp) });
    }
  };
}

test("where WebRTC cannot connect, VNC takes over by itself and says why", async (t) => {
  const browser = await Browser.launch({ webrtc: false });
  t.after(() => browser.close());
  const folder = await temporaryFolder(t);
  const session = await server.session(["xterm"], { cwd: folder });
  const page = await browser.open(session.address, { script: blockUdp });
  await untilState(page, "vnc");
  const status = page.locator("streamspace-viewer").getByRole("status");
  await until("the reason", async () => /WebRTC/.test((await status.allTextContents()).join(" ")));
  await typesAFile(page, folder);
});
