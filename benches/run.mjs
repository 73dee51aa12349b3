// Measures, in one run on one machine, what a person feels: the time from `streamspace run` to the
// first picture, and from a click to the picture of its effect, over WebRTC and over noVNC.
//
//   ./dev bench [--json FILE] [--clicks N] [--starts N]

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cpus, release } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Browser, untilPicture, untilState } from "../e2e/harness/browser.mjs";
import { Server } from "../e2e/harness/server.mjs";
import { until } from "../e2e/harness/wait.mjs";

const { values: options } = parseArgs({
  options: {
    json: { type: "string" },
    clicks: { type: "string", default: "120" },
    starts: { type: "string", default: "7" },
  },
});
const clicks = Number(options.clicks);
const starts = Number(options.starts);
const flash = join(process.env.STREAMSPACE_PROGRAMS, "flash");

const percentile = (values, part) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)];
};
const summary = (values) => ({
  samples: values.length,
  p50: percentile(values, 0.5),
  p95: percentile(values, 0.95),
  p99: percentile(values, 0.99),
});

/** From `streamspace run` being typed to the first picture in an open browser, in ms. */
async function measureStarts(server, browser) {
  const times = [];
  for (let index = 0; index < starts; index++) {
    const began = performance.now();
    const session = await server.session([flash], { fps: "60" });
    const page = await browser.open(session.address);
    await untilPicture(page);
    times.push(performance.now() - began);
    await page.context().close();
    await server.run(["session", "stop", session.session]);
  }
  return times;
}

/** Installs, in the page, a watch on one pixel of the picture; resolves a promise at its change. */
function installWatch(page) {
  return page.evaluate(() => {
    const viewer = document.querySelector("streamspace-viewer");
    const canvasIn = (root) => {
      for (const node of root.querySelectorAll("*")) {
        if (node instanceof HTMLCanvasElement && node.width > 300) return node;
        const found = node.shadowRoot && canvasIn(node.shadowRoot);
        if (found) return found;
      }
      return null;
    };
    const probe = document.createElement("canvas");
    probe.width = probe.height = 1;
    const context = probe.getContext("2d", { willReadFrequently: true });
    const isRed = (picture) => {
      context.drawImage(picture, 40, 40, 1, 1, 0, 0, 1, 1);
      const [red, , blue] = context.getImageData(0, 0, 1, 1).data;
      return red > blue;
    };
    // From the page's own event to the first presented frame that shows its effect.
    globalThis.awaitClick = () => {
      globalThis.measured = new Promise((done) => {
        const picture = viewer.video ?? canvasIn(viewer.shadowRoot);
        const before = isRed(picture);
        let clicked;
        window.addEventListener("pointerdown", (event) => (clicked = event.timeStamp), {
          once: true,
          capture: true,
        });
        const look = (now, frame) => {
          if (clicked !== undefined && isRed(picture) !== before) {
            return done((frame?.presentationTime ?? performance.now()) - clicked);
          }
          next();
        };
        const next = () =>
          picture instanceof HTMLVideoElement
            ? picture.requestVideoFrameCallback(look)
            : requestAnimationFrame((now) => look(now));
        next();
      });
    };
  });
}

async function measureClicks(page) {
  await installWatch(page);
  const times = [];
  for (let index = 0; index < clicks; index++) {
    // At no fixed phase of any clock, and with the screen still before each click.
    await delay(250 + Math.random() * 100);
    await page.evaluate(() => globalThis.awaitClick());
    await page.mouse.click(640, 360);
    times.push(await page.evaluate(() => globalThis.measured));
  }
  return times;
}

async function main() {
  const server = await Server.start();
  const browser = await Browser.launch();
  const result = { size: "1280x720", processors: cpus().length, kernel: release() };
  try {
    result.runToFirstFrame = summary(await measureStarts(server, browser));
    const session = await server.session([flash], { fps: "60" });
    const page = await browser.open(session.address);
    await untilPicture(page);
    result.clickToPhotonWebRtc = summary(await measureClicks(page));
    await page.evaluate(() => document.querySelector("streamspace-viewer").setAttribute("path", "vnc"));
    await untilState(page, "vnc");
    await until("noVNC's picture", () =>
      page.evaluate(() => document.querySelector("streamspace-viewer").dataset.state === "vnc"),
    );
    await delay(500);
    result.clickToPhotonNoVnc = summary(await measureClicks(page));
  } finally {
    await browser.close();
    await server.stop();
  }
  report(result);
  if (options.json) await writeFile(options.json, `${JSON.stringify(result, null, 2)}\n`);
}

function report(result) {
  const row = (name, { samples, p50, p95, p99 }) =>
    `| ${name} | ${[p50, p95, p99].map((ms) => ms.toFixed(0)).join(" | ")} | ${samples} |`;
  const ratio = (part) => (result.clickToPhotonWebRtc[part] / result.clickToPhotonNoVnc[part]).toFixed(2);
  console.log(
    [
      `${result.size}, ${result.processors} processors, Linux ${result.kernel}`,
      "",
      "| milliseconds | p50 | p95 | p99 | samples |",
      "| --- | --- | --- | --- | --- |",
      row("`run` to first frame", result.runToFirstFrame),
      row("click to photon, WebRTC", result.clickToPhotonWebRtc),
      row("click to photon, TigerVNC + noVNC", result.clickToPhotonNoVnc),
      "",
      `WebRTC to noVNC: p50 ${ratio("p50")}, p95 ${ratio("p95")}`,
    ].join("\n"),
  );
}

await main();
