// Encoders: how long they are looked for, how long a switch takes, and software encoders at equal quality.

import { setTimeout as delay } from "node:timers/promises";
import { untilPicture } from "../../../e2e/harness/browser.mjs";
import { failingEncoder } from "../../../e2e/harness/failing-encoder.mjs";
import { until } from "../../../e2e/harness/wait.mjs";
import { temporaryFolder } from "../cleanup.mjs";
import { startDisplay } from "../display.mjs";
import { startServer } from "../peers/streamspace.mjs";
import { built, runProgram } from "../programs.mjs";
import { percentile } from "../statistics.mjs";

const SIZE = { width: 1280, height: 720 };
const SIMILARITY = 0.97;
const SCENES = ["scroll", "video"];

export async function measureEncoders(launch, { encoderRuns, encoderFrames }, log) {
  log("the probe");
  const probe = await measureProbe(encoderRuns);
  const switches = {};
  for (const how of ["lost", "hang"]) {
    log(`switches of an encoder: ${how}`);
    switches[how] = await measureSwitches(launch, how, encoderRuns);
  }
  const scenes = {};
  for (const scene of SCENES) {
    log(`software encoders: ${scene}`);
    scenes[scene] = await compare(scene, encoderFrames);
  }
  return { probe, switches, scenes, similarity: SIMILARITY, size: SIZE };
}

/** Milliseconds until the streamer knows every encoder. */
async function measureProbe(runs) {
  const took = [];
  for (let run = 0; run < runs; run++) {
    const began = performance.now();
    await runProgram(built("streamspace-streamer"), ["probe"]);
    took.push(performance.now() - began);
  }
  return spread(took);
}

/** The longest gap between two pictures in the browser while an encoder fails, and when none does, in ms. */
async function measureSwitches(launch, how, runs) {
  const [failing, undisturbed] = [[], []];
  for (let run = 0; run < runs; run++) {
    const folder = await temporaryFolder();
    const { env, fail } = await failingEncoder(folder.path);
    const server = await startServer("127.0.0.1", 0, env);
    const browser = await launch();
    try {
      const session = await server.session([built("scene"), "video"], { fps: "60" });
      const page = await browser.open(session.address, SIZE);
      await untilPicture(page);
      await untilEncoder(server, session, /^vaapi: /);
      await page.evaluate(keepLongestGap);
      await delay(1000);
      undisturbed.push(await page.evaluate(() => globalThis.longestGap()));
      await fail(how);
      await untilEncoder(server, session, /^x264: /);
      await delay(1000);
      failing.push(await page.evaluate(() => globalThis.longestGap()));
    } finally {
      await browser.close();
      await server.stop();
      folder.remove();
    }
  }
  return { failing: spread(failing), undisturbed: spread(undisturbed) };
}

/** In the page: `longestGap()` gives the longest time without a new picture since it was called last. */
function keepLongestGap() {
  const video = document.querySelector("streamspace-viewer").picture;
  let [last, longest] = [performance.now(), 0];
  const seen = (now) => {
    [last, longest] = [now, Math.max(longest, now - last)];
    video.requestVideoFrameCallback(seen);
  };
  video.requestVideoFrameCallback(seen);
  globalThis.longestGap = () => {
    const gap = longest;
    longest = 0;
    return gap;
  };
}

function untilEncoder(server, { session }, expected) {
  return until(`the encoder ${expected}`, async () => {
    const { stdout } = await server.run(["session", "list", "--json"]);
    const found = JSON.parse(stdout).items.find(({ metadata }) => metadata.name === session);
    const ready = found.status.conditions.find(({ type }) => type === "StreamerReady");
    return expected.test(ready?.message ?? "");
  });
}

/** `[{ name, kbps, processorMs, similarity }]`; only `name` of those that do not get so similar. */
async function compare(scene, frames) {
  const display = await startDisplay(SIZE);
  try {
    const args = ["--scene", scene, "--frames", `${frames}`, "--similarity", `${SIMILARITY}`];
    const lines = await runProgram(built("encoders"), args, { env: display.environment });
    return lines.trim().split("\n").map((line) => JSON.parse(line));
  } finally {
    await display.stop();
  }
}

const spread = (values) => ({ p50: percentile(values, 0.5), most: Math.max(...values), runs: values.length });
