// Other codecs than H.264, for viewers that decode them.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, pictureSize, pixel, type, untilPicture } from "../harness/browser.mjs";
import { Server } from "../harness/server.mjs";
import { until } from "../harness/wait.mjs";

let browser, server;
before(async () => {
  browser = await Browser.launch();
  server = await Server.start();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Keeps the page's connections where the test finds them. */
function keepConnections() {
  const Connection = globalThis.RTCPeerConnection;
  globalThis.connections = [];
  globalThis.RTCPeerConnection = class extends Connection {
    constructor(...settings) {
      super(...settings);
      globalThis.connections.push(this);
    }
  };
}

/** A browser that decodes nothing but H.264. */
function onlyH264() {
  const all = RTCRtpReceiver.getCapabilities.bind(RTCRtpReceiver);
  RTCRtpReceiver.getCapabilities = (kind) => {
    const { codecs, headerExtensions } = all(kind);
    const others = /video\/(VP8|VP9|AV1|H265)/i;
    return { codecs: codecs.filter(({ mimeType }) => !others.test(mimeType)), headerExtensions };
  };
}

/** The codec of the picture that the page shows, such as `video/VP8`, while frames of it are decoded. */
async function codec(page) {
  const read = () =>
    page.evaluate(async () => {
      const reports = await Promise.all(globalThis.connections.map((connection) => connection.getStats()));
      const all = new Map(reports.flatMap((report) => [...report]));
      const video = [...all.values()].find(({ type, kind }) => type === "inbound-rtp" && kind === "video");
      return { frames: video?.framesDecoded ?? 0, codec: all.get(video?.codecId)?.mimeType };
    });
  const before = await read();
  await type(page, "x");
  return until("frames to be decoded", async () => {
    const now = await read();
    return now.frames > before.frames && now.codec;
  });
}

async function encoding({ session }) {
  const { stdout } = await server.run(["session", "list", "--json"]);
  const found = JSON.parse(stdout).items.find((item) => item.metadata.name === session);
  return found.status.conditions.find(({ type }) => type === "StreamerReady")?.message ?? "";
}

function untilEncoding(session, expected) {
  return until(`the encoder to be ${expected}`, async () => expected.test(await encoding(session)));
}

/** The red, green and blue of the picture's middle. */
async function middle(page) {
  const { width, height } = await pictureSize(page);
  return pixel(page, Math.trunc(width / 2), Math.trunc(height / 2));
}

// The terminal becomes of this colour when "go" has been typed.
const COLOUR = [16, 160, 200];
const SCRIPT = `read line; [ "$line" = "go" ] && printf '\\033]11;#10a0c8\\007'; cat`;
const DESKTOP = ["xterm", "-geometry", "300x100+0+0", "-e", "sh", "-c", SCRIPT];

for (const [encoder, mimeType] of [
  ["vp8", "video/VP8"],
  ["vp9", "video/VP9"],
]) {
  test(`${mimeType} is encoded where it is asked for, and shows what one types in the right colours`, async (t) => {
    const session = await server.session(DESKTOP, { encoder });
    const page = await browser.open(session.address, { script: keepConnections });
    t.after(() => page.context().close());
    await untilPicture(page);
    await untilEncoding(session, new RegExp(`^${encoder}: asked for by name`));
    await type(page, "go\n");
    await until("the colour", async () => {
      const shown = await middle(page);
      return shown.every((value, index) => Math.abs(value - COLOUR[index]) < 16);
    });
    assert.equal(await codec(page), mimeType);
  });
}

test("a session goes on in H.264 while somebody is there who decodes nothing else", async (t) => {
  const session = await server.session(DESKTOP, { encoder: "vp8" });
  const page = await browser.open(session.address, { script: keepConnections });
  t.after(() => page.context().close());
  await untilPicture(page);
  await until("VP8", async () => (await codec(page)) === "video/VP8");
  const script = `(${keepConnections})();(${onlyH264})();`;
  const other = await browser.open(await server.link(new URL(session.address).pathname), { script });
  t.after(() => other.context().close().catch(() => {}));
  await untilPicture(other);
  await untilEncoding(session, /^x264: vp8, which was asked for, makes VP8, which not every viewer decodes/);
  await until("H.264 for both", async () => (await codec(page)) === "video/H264" && (await codec(other)) === "video/H264");
  await other.context().close();
  await untilEncoding(session, /^vp8: asked for by name/);
  await until("VP8 again", async () => (await codec(page)) === "video/VP8");
});
