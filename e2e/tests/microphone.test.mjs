// What is said into the browser's microphone, as programs of the session record it.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { Browser, untilPicture } from "../harness/browser.mjs";
import { environmentOf, inside } from "../harness/machine.mjs";
import { button, viewerOf } from "../harness/page.mjs";
import { Server, temporaryFolder } from "../harness/server.mjs";
import { until } from "../harness/wait.mjs";

const execute = promisify(execFile);
const HERTZ = 1_000;
const RATE = 48_000;

let server;
before(async () => {
  server = await Server.start();
});
after(() => server?.stop());

/** A second of a tone, as a WAV file of one channel. */
function tone() {
  const samples = Int16Array.from({ length: RATE }, (_, i) => 12_000 * Math.sin((2 * Math.PI * HERTZ * i) / RATE));
  const data = Buffer.from(samples.buffer);
  const header = Buffer.alloc(44);
  header.write("RIFF", 0);
  header.writeUInt32LE(36 + data.length, 4);
  header.write("WAVEfmt ", 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(RATE, 24);
  header.writeUInt32LE(RATE * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write("data", 36);
  header.writeUInt32LE(data.length, 40);
  return Buffer.concat([header, data]);
}

/** A browser whose microphone plays a file. */
async function speaker(t) {
  const file = join(await temporaryFolder(t), "tone.wav");
  await writeFile(file, tone());
  const flags = ["--use-fake-device-for-media-stream", `--use-file-for-fake-audio-capture=${file}`];
  const browser = await Browser.launch({ flags });
  t.after(() => browser.close());
  return browser;
}

/** What a program hears that records from the default microphone for half a second. */
async function hear(session) {
  const env = { ...process.env, ...(await environmentOf(session)) };
  const command = `parec --raw --format=s16le --rate=${RATE} --channels=1 --latency-msec=50 | head -c ${RATE}`;
  const { stdout } = await execute("sh", ["-c", command], { env, encoding: "buffer", timeout: 10_000 });
  const samples = new Int16Array(stdout.buffer, stdout.byteOffset, Math.floor(stdout.length / 2));
  let rises = 0;
  for (let i = 1; i < samples.length; i++) rises += samples[i - 1] < 0 && samples[i] >= 0;
  const loudest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  return { loudest, hertz: (rises * RATE) / samples.length };
}

const hearsTone = async (session) => {
  const { loudest, hertz } = await hear(session);
  return loudest > 1_000 && Math.abs(hertz - HERTZ) < 60;
};
const hearsNothing = async (session) => (await hear(session)).loudest === 0;

test("programs record what is said into the browser's microphone, while it is on", async (t) => {
  const browser = await speaker(t);
  const session = await server.session(["xterm"]);
  assert.match(await inside(session, "pactl", ["get-default-source"]), /^microphone$/m);
  assert.match(await inside(session, "pactl", ["get-default-sink"]), /^session$/m);
  const page = await browser.open(session.address);
  t.after(() => page.context().close());
  await untilPicture(page);
  assert.ok(await hearsNothing(session), "nobody has turned it on");
  await page.keyboard.press("Control+Alt+Shift+KeyM");
  await button(page, "Turn microphone on").press("Enter");
  await until("the tone", () => hearsTone(session));

  // The person's wish outlives a broken connection.
  process.kill(session.processes.streamer, "SIGKILL");
  await until("the end of the connection", () => viewerOf(page).evaluate(({ dataset }) => dataset.state !== "connected-webrtc"));
  await untilPicture(page);
  await until("the tone again", () => hearsTone(session));

  await page.keyboard.press("Control+Alt+Shift+KeyM");
  await button(page, "Turn microphone off").press("Enter");
  await until("silence", () => hearsNothing(session));
});

test("who only watches has no microphone, and a browser that gives none says so", async (t) => {
  const session = await server.session(["xterm"]);
  const browser = await speaker(t);
  const watching = await browser.open(session.address);
  t.after(() => watching.context().close());
  await untilPicture(watching);
  await viewerOf(watching).evaluate((viewer) => {
    viewer.setAttribute("role-wanted", "view");
    viewer.connect();
  });
  await untilPicture(watching);
  assert.equal(await button(watching, "Turn microphone on").count(), 0);

  await watching.context().clearPermissions();
  await viewerOf(watching).evaluate((viewer) => {
    viewer.removeAttribute("role-wanted");
    viewer.connect();
  });
  await untilPicture(watching);
  await watching.keyboard.press("Control+Alt+Shift+KeyM");
  await button(watching, "Turn microphone on").press("Enter");
  await viewerOf(watching).getByText("The browser did not give the microphone").waitFor();
});
