// What a person sees and hears: pictures, several viewers, sizes, sound.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  Browser,
  pictureKind,
  pictureSize,
  pixel,
  untilPicture,
  useDecoder,
} from "../harness/browser.mjs";
import { displaySize, inside } from "../harness/machine.mjs";
import { Server } from "../harness/server.mjs";
import { until } from "../harness/wait.mjs";

let server, browser;
before(async () => {
  server = await Server.start();
  browser = await Browser.launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const isRed = ([red, green, blue]) => red > 180 && green < 80 && blue < 80;
const isBlue = ([red, green, blue]) => blue > 180 && red < 80 && green < 80;

test("the address of a run opens straight into its picture", async () => {
  const session = await server.session(["xterm", "-bg", "red"]);
  const page = await browser.open(session.address);
  await untilPicture(page);
  await until("a red picture", async () => isRed(await pixel(page, 600, 600)));
  await page.close();
});

test("one click in the catalog starts a desktop and shows it", async () => {
  const page = await browser.open(server.signInUrl);
  const card = page.locator("article, li, .card").filter({ hasText: "XFCE" }).last();
  await card.getByRole("button", { name: /start/i }).click();
  await untilPicture(page);
  const id = new URL(page.url()).pathname.split("/").pop();
  await until("the desktop's panel", async () => {
    const { stdout } = await server.run(["session", "list", "--json"]);
    const session = JSON.parse(stdout).items.find((item) => item.metadata.name === id);
    const windows = await inside(session.status, "xwininfo", ["-root", "-tree"]);
    return windows.includes("xfce4-panel") && windows.includes("xfdesktop");
  }, 40_000);
  assert.equal((await server.run(["session", "stop", id])).code, 0);
  await page.context().close();
});

test("two viewers see one session, and two sessions do not mix", async () => {
  const red = await server.session(["xterm", "-bg", "red"]);
  const blue = await server.session(["xterm", "-bg", "blue"]);
  const pages = [];
  for (const session of [red, red, blue]) {
    const address = await server.link(new URL(session.address).pathname);
    const page = await browser.open(address);
    await untilPicture(page);
    pages.push(page);
  }
  for (const [page, right] of [[pages[0], isRed], [pages[1], isRed], [pages[2], isBlue]]) {
    await until("the session's own colour", async () => right(await pixel(page, 600, 600)));
  }
  for (const page of pages) await page.context().close();
});

for (const [decoder, kind] of [["webcodecs", "canvas"], ["video", "video"]]) {
  test(`with the decoder ${decoder} the desktop follows the window, and stays even where the window is odd`, async () => {
    const session = await server.session(["xterm", "-bg", "red"]);
    const page = await browser.open(session.address);
    await useDecoder(page, decoder);
    assert.equal(await pictureKind(page), kind);
    for (const [width, height] of [[1000, 640], [901, 633]]) {
      await page.setViewportSize({ width, height });
      await followsWindow(session, page);
    }
    await until("a red picture", async () => isRed(await pixel(page, 600, 500)));
    await page.context().close();
  });
}

async function followsWindow(session, page) {
  const stage = await page.evaluate(() => {
    const box = document.querySelector("streamspace-viewer").getBoundingClientRect();
    return { width: Math.floor(box.width) & ~1, height: Math.floor(box.height) & ~1 };
  });
  const fills = (size) => size?.width === stage.width && size.height === stage.height;
  await until("the desktop's new size", async () => fills(await displaySize(session)));
  await until("a picture of that size", async () => fills(await pictureSize(page)));
}

/** The figures of the connection's video; the page keeps its connection by `keepConnection`. */
function videoFigures(page) {
  return page.evaluate(async () => {
    const report = await globalThis.connection.getStats();
    const video = [...report.values()].find(
      ({ type, kind }) => type === "inbound-rtp" && kind === "video",
    );
    return { keyframeRequests: video.pliCount + video.firCount, frames: video.framesDecoded };
  });
}

/** In the page: keeps the newest connection where a test finds it. */
function keepConnection() {
  globalThis.RTCPeerConnection = class extends globalThis.RTCPeerConnection {
    constructor(...configuration) {
      super(...configuration);
      globalThis.connection = this;
    }
  };
}

/** Goes from red to blue and back all the time. */
const restless = [
  "xterm",
  "-e",
  "while :; do for colour in red blue; do printf '\\033]11;%s\\007' $colour; sleep 0.2; done; done",
];

/** The picture goes on. */
async function showsChanges(page) {
  for (const isColour of [isRed, isBlue, isRed]) {
    await until("the other colour", async () => isColour(await pixel(page, 600, 500)));
  }
}

/** In the worker that decodes: the next `count` frames turn into something no decoder takes. */
function breakFrames(page, count) {
  return page.workers()[0].evaluate((count) => {
    const decode = VideoDecoder.prototype.decode;
    VideoDecoder.prototype.decode = function (chunk) {
      if (count-- <= 0) return decode.call(this, chunk);
      const data = new Uint8Array(64).fill(0xff);
      return decode.call(this, new EncodedVideoChunk({ type: "key", timestamp: 0, data }));
    };
  }, count);
}

test("what the browser does not decode itself makes it ask for no keyframes", async () => {
  const session = await server.session(restless);
  const page = await browser.open(session.address, { script: keepConnection });
  await useDecoder(page, "webcodecs");
  const before = await videoFigures(page);
  const after = await until("some frames", async () => {
    const now = await videoFigures(page);
    return now.frames > before.frames + 30 && now;
  });
  assert.equal(after.keyframeRequests, before.keyframeRequests);
  await page.context().close();
});

test("a decoder that fails gets a keyframe and goes on", async () => {
  const session = await server.session(restless);
  const page = await browser.open(session.address, { script: keepConnection });
  await useDecoder(page, "webcodecs");
  const before = await videoFigures(page);
  await breakFrames(page, 1);
  await until("the request for a keyframe", async () => {
    const { keyframeRequests } = await videoFigures(page);
    return keyframeRequests > before.keyframeRequests;
  });
  await showsChanges(page);
  assert.equal(await pictureKind(page), "canvas");
  await page.context().close();
});

test("a decoder that fails again and again gives way to <video>", async () => {
  const session = await server.session(restless);
  const page = await browser.open(session.address);
  await useDecoder(page, "webcodecs");
  await breakFrames(page, Infinity);
  await until("a picture by <video>", async () => (await pictureKind(page)) === "video");
  await showsChanges(page);
  await page.context().close();
});

/** The names by which both ends' ICE agents know each other, which are new after a restart. */
function iceUsers(page) {
  return page.evaluate(() => {
    const { connectionState, localDescription, remoteDescription } = globalThis.connection;
    const user = ({ sdp }) => sdp.match(/a=ice-ufrag:(\S+)/)[1];
    return { connectionState, local: user(localDescription), remote: user(remoteDescription) };
  });
}

test("another network restarts ICE under the picture, without a new connection", async () => {
  const session = await server.session(restless);
  const page = await browser.open(session.address, { script: keepConnection });
  await untilPicture(page);
  const before = await iceUsers(page);
  await page.evaluate(() => {
    globalThis.states = [];
    const viewer = document.querySelector("streamspace-viewer");
    viewer.addEventListener("streamspace-state", ({ detail }) => globalThis.states.push(detail));
    globalThis.dispatchEvent(new Event("online"));
  });
  await until("the restarted path", async () => {
    const now = await iceUsers(page);
    const isNew = now.local !== before.local && now.remote !== before.remote;
    return isNew && now.connectionState === "connected";
  });
  await showsChanges(page);
  assert.deepEqual(await page.evaluate(() => globalThis.states), []);
  await page.context().close();
});

/** In the page: leads the sound track into an analyser as well. */
function keepSound() {
  globalThis.RTCPeerConnection = class extends globalThis.RTCPeerConnection {
    constructor(...configuration) {
      super(...configuration);
      this.addEventListener("track", ({ track }) => {
        if (track.kind !== "audio") return;
        // The rate of the stream: Chromium without a sound device does not convert it.
        const context = new AudioContext({ sampleRate: 48_000 });
        globalThis.analyser = context.createAnalyser();
        globalThis.analyser.fftSize = 8192;
        context.createMediaStreamSource(new MediaStream([track])).connect(globalThis.analyser);
      });
    }
  };
}

test("a tone played in the session is heard in the browser", async () => {
  const tone =
    "gst-launch-1.0 -q audiotestsrc wave=sine freq=440 volume=0.5 ! audioconvert ! pulsesink";
  const session = await server.session(["sh", "-c", `xterm & exec ${tone}`]);
  const page = await browser.open(session.address, { script: keepSound });
  await untilPicture(page);
  const heard = await until("the tone", () =>
    page.evaluate(() => {
      const levels = new Float32Array(globalThis.analyser.frequencyBinCount);
      globalThis.analyser.getFloatFrequencyData(levels);
      const level = Math.max(...levels);
      const { fftSize, context } = globalThis.analyser;
      const hertz = (levels.indexOf(level) * context.sampleRate) / fftSize;
      return level > -40 && { hertz, level };
    }),
  );
  assert.ok(Math.abs(heard.hertz - 440) < 15, `heard ${heard.hertz} Hz`);
  await page.context().close();
});
