// Files and the clipboard: how fast they go, and what they do to the picture.

import { mkdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { untilPicture } from "../../../e2e/harness/browser.mjs";
import { temporaryFolder } from "../cleanup.mjs";
import { sessionOf, startServer, streamspace } from "../peers/streamspace.mjs";
import { runProgram } from "../programs.mjs";
import { withScene } from "../scene.mjs";
import { startSshd } from "../sshd.mjs";
import { percentile, summary } from "../statistics.mjs";
import { show, untilNumbered } from "../view.mjs";
import { clickToPhoton } from "./clicks.mjs";

const SIZE = { width: 1280, height: 720 };
const FPS = 60;
const MB = 1_000_000;
const CLIPBOARD_BYTES = 10 * MB;
/** How often it is looked whether a clipboard has changed. */
const LOOK_MS = 20;

/** `{ files, clipboard, clicks }`, all of one session. */
export async function measureTransfers(launch, effort, log) {
  const browser = await launch();
  const server = await startServer("127.0.0.1");
  const ssh = await startSshd();
  try {
    const desk = await openDesk(browser, server);
    log("files");
    const files = await measureFiles(desk, ssh, effort);
    log("click to photon, with and without a transfer");
    const clicks = await measureClicks(desk, effort);
    log("clipboard");
    const clipboard = await measureClipboard(desk, effort.transferRuns);
    return { files, clicks, clipboard };
  } finally {
    await ssh.stop();
    await server.stop();
    await browser.close();
  }
}

async function openDesk(browser, server) {
  const { address, environment } = await sessionOf(server, { size: SIZE, fps: FPS });
  const page = await browser.open(address, SIZE);
  await untilPicture(page);
  await show(streamspace, { environment }, page, SIZE);
  const id = new URL(address).pathname.split("/").pop();
  const files = `${server.origin}/api/v1/sessions/${id}/files`;
  const outside = (await temporaryFolder()).path;
  const inside = join(environment.HOME, "bench");
  await mkdir(inside, { recursive: true });
  const request = (...args) => runProgram("curl", ["-sSf", "-H", `authorization: Bearer ${server.key.apiKey}`, ...args]);
  return {
    page,
    size: SIZE,
    environment,
    outside,
    inside,
    upload: (from, name) => request("-o", "/dev/null", "-T", from, `${files}/bench/${name}`),
    download: (name, to) => request("-o", to, `${files}/bench/${name}`),
  };
}

/** Zeros would be quick for whoever compresses. */
const makeFile = (path, bytes) => runProgram("sh", ["-c", `head -c ${bytes} /dev/urandom > "${path}"`]);

/** Medians in MB/s, up (into the session) and down, of scp and StreamSpace in turn. */
async function measureFiles({ outside, inside, upload, download }, ssh, { transferBytes: bytes, transferRuns }) {
  const [source, target] = [join(outside, "source"), join(outside, "target")];
  await makeFile(source, bytes);
  await runProgram("cp", [source, join(inside, "source")]);
  const ways = {
    scpUp: () => ssh.copy(source, `server:${join(inside, "copy")}`),
    up: () => upload(source, "copy"),
    scpDown: () => ssh.copy(`server:${join(inside, "source")}`, target),
    down: () => download("source", target),
  };
  const speeds = Object.fromEntries(Object.keys(ways).map((way) => [way, []]));
  for (let run = 0; run < transferRuns; run++) {
    for (const [way, transfer] of Object.entries(ways)) {
      const began = performance.now();
      await transfer();
      speeds[way].push(bytes / MB / ((performance.now() - began) / 1000));
      const made = way.endsWith("own") ? target : join(inside, "copy");
      if ((await stat(made)).size !== bytes) throw new Error(`${way} has lost something`);
      await rm(made);
    }
  }
  const medians = Object.entries(speeds).map(([way, values]) => [way, percentile(values, 0.5)]);
  return { bytes, ...Object.fromEntries(medians) };
}

/** The machine is not the same all the time, so what is compared is measured in turn, so often. */
const ROUNDS = 3;

/** Click to photon at rest, during an endless upload, and during an endless download. */
async function measureClicks(desk, { clicks, transferBytes }) {
  const { environment, outside, upload, download } = desk;
  const source = join(outside, "endless");
  await makeFile(source, transferBytes);
  await upload(source, "endless");
  const upAgain = async () => {
    await upload(source, "again");
    await rm(join(desk.inside, "again"));
  };
  const downAgain = () => download("endless", "/dev/null");
  return withScene(environment, ["flash"], async (scene) => {
    await untilNumbered(desk.page);
    const measure = () => clickToPhoton(desk, scene, clicks);
    const [without, uploading, downloading] = [[], [], []];
    for (let round = 0; round < ROUNDS; round++) {
      without.push(await measure());
      uploading.push(await during(upAgain, measure));
      downloading.push(await during(downAgain, measure));
    }
    return { without: together(without), uploading: together(uploading), downloading: together(downloading) };
  });
}

/** Of all rounds. */
function together(rounds) {
  const times = rounds.flatMap((round) => round.times);
  return { ...summary(times), times };
}

/** Does something again and again while `work` runs. */
async function during(transfer, work) {
  let isOver = false;
  const transfers = (async () => {
    while (!isOver) await transfer();
  })();
  try {
    return await Promise.race([work(), transfers.then(() => null)]);
  } finally {
    isOver = true;
    await transfers;
  }
}

/** Medians in ms for a text of 10 MB: from the paste until a program has it, and from a program's copy. */
async function measureClipboard({ page, environment, outside }, runs) {
  const file = join(outside, "text");
  const [toSession, toBrowser] = [[], []];
  const xclip = (script) => runProgram("sh", ["-c", script], { env: environment });
  for (let run = 0; run < runs; run++) {
    const mark = `${run} `.padEnd(CLIPBOARD_BYTES, `text ${run} `);
    await page.evaluate((text) => navigator.clipboard.writeText(text), mark);
    await page.evaluate(() => document.querySelector("streamspace-viewer").focus());
    toSession.push(
      await timed(
        () => page.keyboard.press("Control+KeyV"),
        async () => (await xclip("xclip -o -selection clipboard | head -c 10")) === mark.slice(0, 10),
      ),
    );
    await xclip(`printf 'down ${run} %s' > "${file}"; yes text | head -c ${CLIPBOARD_BYTES} >> "${file}"`);
    toBrowser.push(
      await timed(
        // It stays in the background, and would hold our pipe open.
        () => xclip(`xclip -i -selection clipboard -silent "${file}" >/dev/null 2>&1`),
        () => page.evaluate((start) => navigator.clipboard.readText().then((text) => text.startsWith(start)), `down ${run} `),
      ),
    );
  }
  return { bytes: CLIPBOARD_BYTES, toSession: percentile(toSession, 0.5), toBrowser: percentile(toBrowser, 0.5) };
}

async function timed(begin, isThere) {
  const began = performance.now();
  await begin();
  while (!(await isThere())) {
    if (performance.now() - began > 60_000) throw new Error("the clipboard has not arrived within a minute");
    await delay(LOOK_MS);
  }
  return performance.now() - began;
}
