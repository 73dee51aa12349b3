// Viewers whose links differ by far: one behind 1 Mbit/s, which the video does not fit into.

import assert from "node:assert/strict";
import { test } from "node:test";
import { linkObstacle, openLink } from "../../benches/lib/network.mjs";
import { Browser, untilState } from "../harness/browser.mjs";
import { receivedVideo, watchPeers } from "../harness/peers.mjs";
import { Server, built } from "../harness/server.mjs";
import { until } from "../harness/wait.mjs";

const SLOW = { rates: "0:1000", delayMs: 10, lossPercent: 0, queueMs: 300 };

async function open(t, server, session, options = {}) {
  const browser = await Browser.launch({ ...options, origins: [server.origin] });
  t.after(() => browser.close());
  const address = await server.link(new URL(session.address).pathname);
  const page = await browser.open(address, { script: watchPeers() });
  await untilState(page, "connected-webrtc");
  return page;
}

/** Waits until what a viewer counts of its video is enough; gives it. */
function untilVideo(page, what, isEnough) {
  const look = async () => {
    const video = await receivedVideo(page);
    return video && isEnough(video) && video;
  };
  return until(what, look, 90_000);
}

test("several viewers: the slowest never stalls the others", async (t) => {
  const reason = await linkObstacle();
  if (reason) return t.skip(reason);
  const link = await openLink(SLOW);
  const server = await Server.start({ address: link.address });
  t.after(() => server.stop());
  t.after(() => link.close());
  const session = await server.session([built("scene"), "video"]);
  const fast = await open(t, server, session);
  await untilVideo(fast, "moving pictures", ({ framesDecoded }) => framesDecoded > 30);
  const slow = await open(t, server, session, { program: link.browserProgram });

  const slowBefore = await untilVideo(slow, "a picture", ({ framesDecoded }) => framesDecoded > 0);
  const fastBefore = await receivedVideo(fast);
  // Each picture that it gets after frames were left out for it begins with a keyframe.
  const wanted = slowBefore.keyFramesDecoded + 3;
  const slowAfter = await untilVideo(slow, "pictures", ({ keyFramesDecoded }) => keyFramesDecoded >= wanted);
  const fastAfter = await receivedVideo(fast);
  const slowPictures = slowAfter.framesDecoded - slowBefore.framesDecoded;
  const fastPictures = fastAfter.framesDecoded - fastBefore.framesDecoded;
  assert.ok(fastPictures > 5 * slowPictures, `${fastPictures} against ${slowPictures}`);
  const seconds = (fastAfter.timestamp - fastBefore.timestamp) / 1000;
  const frozen = fastAfter.totalFreezesDuration - fastBefore.totalFreezesDuration;
  assert.ok(frozen < seconds / 5, `frozen for ${frozen} of ${seconds} s`);
  assert.equal(fastAfter.frameWidth, 1280);
});
