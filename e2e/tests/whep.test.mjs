// Standard players watch a session by WHEP.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Browser, untilPicture } from "../harness/browser.mjs";
import { pythonPrograms } from "../harness/python.mjs";
import { Server } from "../harness/server.mjs";
import { until } from "../harness/wait.mjs";

const PLAYERS = fileURLToPath(new URL("../players/", import.meta.url));
const BUSY = ["xterm", "-e", "sh", "-c", "while :; do date +%N; sleep 0.05; done"];

let browser;
let server;
let session;
before(async () => {
  browser = await Browser.launch();
  server = await Server.start();
  ({ session } = await server.session(BUSY, { size: "640x480" }));
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const whep = () => `${server.origin}/api/v1/sessions/${session}/whep`;
const bearer = (token) => ({ authorization: `Bearer ${token}` });

/** A player of somebody else's; `saw` gives each line that it prints. */
function play(t, program, args) {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
  t.after(() => child.kill("SIGKILL"));
  let out = "";
  let errors = "";
  child.stdout.on("data", (data) => (out += data));
  child.stderr.on("data", (data) => (errors += data));
  const line = (number) =>
    until("the player", () => {
      if (child.exitCode) throw new Error(errors);
      const lines = out.split("\n");
      return lines.length > number + 1 && JSON.parse(lines[number]);
    }, 40_000);
  return { child, line };
}

async function people() {
  const page = await browser.open(await server.link(`/session/${session}`));
  await untilPicture(page);
  const count = () => page.evaluate(() => document.querySelector("streamspace-viewer").people.length);
  return { page, count };
}

test("aiortc plays a session with an API key, and is gone when it says so", async (t) => {
  const programs = await pythonPrograms("aiortc==1.16.0");
  const { page, count } = await people();
  t.after(() => page.context().close());
  await until("one viewer", async () => (await count()) === 1);
  const player = play(t, join(programs, "python3"), [join(PLAYERS, "aiortc-player.py"), whep(), server.key.apiKey]);
  const { status, type, etag, frames } = await player.line(0);
  assert.deepEqual({ status, type, etag }, { status: 201, type: "application/sdp", etag: '"1"' });
  const { width, height, shades } = frames.at(-1);
  assert.ok(width > 0 && height > 0 && shades > 1, JSON.stringify(frames.at(-1)));
  await until("the player among the viewers", async () => (await count()) === 2);
  player.child.stdin.write("\n");
  const { left, place } = await player.line(1);
  assert.equal(left, 204);
  await until("one viewer again", async () => (await count()) === 1);
  const again = await fetch(place, { method: "DELETE", headers: bearer(server.key.apiKey) });
  assert.equal(again.status, 404);
});

test("GStreamer's webrtcbin plays a session", async (t) => {
  const args = [join(PLAYERS, "webrtcbin-player.py"), whep(), server.key.apiKey];
  const player = play(t, "/usr/bin/python3", args);
  const { status, frames, size } = await player.line(0);
  assert.equal(status, 201);
  assert.ok(frames >= 10, `${frames} frames`);
  assert.ok(size[0] > 0 && size[1] > 0, `${size}`);
  player.child.stdin.write("\n");
  assert.equal((await player.line(1)).left, 204);
});

test("a browser's bare peer connection plays with a guest's join token, once", async (t) => {
  const made = await server.run(["session", "share", session, "--role", "control", "--json"]);
  const { hash } = new URL(JSON.parse(made.stdout).address);
  const secret = new URLSearchParams(hash.slice(1)).get("share");
  const ask = { secret, name: "Grace", seat: "0123456789abcdef" };
  const joined = await fetch(`${server.origin}/api/v1/sessions/${session}/join`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: server.origin },
    body: JSON.stringify(ask),
  });
  assert.equal(joined.status, 200, await joined.clone().text());
  const { token } = await joined.json();
  const page = await browser.open(server.origin);
  t.after(() => page.context().close());
  const post = ([address, token]) =>
    (async () => {
      const peer = new RTCPeerConnection();
      globalThis.peer = peer;
      for (const kind of ["video", "audio"]) peer.addTransceiver(kind, { direction: "recvonly" });
      await peer.setLocalDescription();
      if (peer.iceGatheringState !== "complete") {
        await new Promise((done) => (peer.onicegatheringstatechange = () => peer.iceGatheringState === "complete" && done()));
      }
      const headers = { "content-type": "application/sdp", authorization: `Bearer ${token}` };
      const answer = await fetch(address, { method: "POST", headers, body: peer.localDescription.sdp });
      if (answer.ok) await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
      return answer.status;
    })();
  assert.equal(await page.evaluate(post, [`${whep()}/join`, token]), 201);
  const frames = () =>
    page.evaluate(async () => {
      const report = [...(await globalThis.peer.getStats()).values()];
      return report.find(({ type, kind }) => type === "inbound-rtp" && kind === "video")?.framesDecoded ?? 0;
    });
  await until("frames", async () => (await frames()) > 10);
  assert.equal(await page.evaluate(post, [`${whep()}/join`, token]), 401, "a token is good once");
});

test("players are refused what they may not have", async () => {
  const sdp = { "content-type": "application/sdp" };
  const post = async (headers, body = "v=0\r\n", path = whep()) =>
    (await fetch(path, { method: "POST", headers, body })).status;
  const key = bearer(server.key.apiKey);
  assert.equal(await post({ ...sdp, ...bearer("nonsense") }), 401);
  assert.equal(await post({ ...sdp, ...bearer("nonsense") }, "v=0\r\n", `${whep()}/join`), 401);
  assert.equal(await post({ ...key, "content-type": "text/plain" }), 415);
  assert.equal(await post({ ...key, ...sdp }, "x".repeat(100_000)), 413);
  assert.equal(await post({ ...key, ...sdp }, "no offer at all"), 422);
  assert.equal(await post({ ...key, ...sdp }, "v=0\r\n", whep().replace(session, "nobody")), 404);
  assert.equal((await fetch(whep(), { method: "PATCH", headers: key })).status, 405);
  assert.equal((await fetch(`${whep()}/unknown`, { method: "DELETE", headers: key })).status, 404);
});
