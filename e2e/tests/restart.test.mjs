// The server goes and comes again, and desktops go on.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, untilPicture, untilState, type } from "../harness/browser.mjs";
import { processesOf } from "../harness/machine.mjs";
import { receivedVideo, watchPeers } from "../harness/peers.mjs";
import { Server, temporaryFolder } from "../harness/server.mjs";
import { until } from "../harness/wait.mjs";

let browser;
before(async () => (browser = await Browser.launch()));
after(() => browser?.close());

/** Prints something new all the time. */
const BUSY = ["xterm", "-e", "sh", "-c", "while :; do date +%N; sleep 0.05; done"];

const peerCount = (page) => page.evaluate(() => globalThis.peers.length);
const socketCount = (page) => page.evaluate(() => globalThis.opened.length);
const isSignaling = (page) => page.evaluate(() => globalThis.opened.at(-1).readyState === WebSocket.OPEN);
/** Beside the peers, which WebSockets a page has opened. */
const WATCH = `
  globalThis.opened = [];
  globalThis.WebSocket = class extends WebSocket {
    constructor(...args) { super(...args); globalThis.opened.push(this); }
  };
  ${watchPeers()}`;

async function goesOn(t, signal) {
  const data = await temporaryFolder(t);
  const args = ["--keep-sessions", "5m"];
  const first = await Server.start({ data, args });
  t.after(() => first.process.child.kill("SIGKILL"));
  const { stdout } = await first.run(["session", "create", "xterm", "--json"]);
  const session = JSON.parse(stdout).metadata.name;
  const page = await browser.open(await first.link(`/session/${session}`), { script: WATCH });
  t.after(() => page.context().close());
  await untilPicture(page);
  // Before programs that come and go by themselves.
  const running = await processesOf(session);
  await type(page, "while :; do date +%N; sleep 0.05; done\n");
  first.process.child.kill(signal);
  await first.process.exit;

  const away = await receivedVideo(page);
  await until("media to come while the server is away", async () => {
    const now = await receivedVideo(page);
    return now.packetsReceived > away.packetsReceived + 20 && now.framesDecoded > away.framesDecoded + 20;
  });
  const { port } = new URL(first.origin);
  const second = await Server.start({ data, args, port });
  t.after(() => second.stop());
  await until("signaling to be there again", async () => (await socketCount(page)) > 1 && isSignaling(page));
  const back = await receivedVideo(page);
  await until("media to go on", async () => (await receivedVideo(page)).framesDecoded > back.framesDecoded + 20);
  assert.equal(await peerCount(page), 1, "the connection is the same one");
  assert.equal(await page.evaluate(() => document.querySelector("streamspace-viewer").state), "connected-webrtc");
  const after = await processesOf(session);
  assert.deepEqual(running.filter((pid) => !after.includes(pid)), [], "the programs are the same ones");

  // What needs the gateway works again.
  const listed = JSON.parse((await second.run(["session", "list", "--json"])).stdout);
  assert.equal(listed.items.find((item) => item.metadata.name === session).status.phase, "Running");
  assert.equal((await second.run(["session", "stop", session])).code, 0);
  await until("every process to be gone", async () => (await processesOf(session)).length === 0);
  await untilState(page, "ended", "reconnecting");
}

test("a live desktop goes on while its server is started again, and finds it by itself", (t) => goesOn(t, "SIGTERM"));
test("a live desktop goes on while its server crashes and comes again", (t) => goesOn(t, "SIGKILL"));

test("whoever interrupts a server ends its sessions, also where they would be kept", async (t) => {
  const server = await Server.start({ args: ["--keep-sessions", "5m"] });
  t.after(() => server.stop());
  const { session } = await server.session(BUSY);
  server.process.child.kill("SIGINT");
  assert.equal((await server.process.exit).code, 0);
  assert.deepEqual(await processesOf(session), []);
});

test("a server that is about to end says so before it takes no more connections", async (t) => {
  const server = await Server.start({ args: ["--drain", "5s"] });
  t.after(() => server.stop());
  const ask = async (path) => (await fetch(`${server.origin}/api/v1/health/${path}`)).status;
  assert.deepEqual([await ask("live"), await ask("ready")], [204, 204]);
  server.process.child.kill("SIGTERM");
  await until("readiness to say no", async () => (await ask("ready")) === 503);
  assert.equal(await ask("live"), 204);
  assert.equal((await server.process.exit).code, 0);
  await assert.rejects(ask("live"), "nobody answers any more");
});

test("what is logged changes while the server runs", async (t) => {
  const server = await Server.start();
  t.after(() => server.stop());
  const filter = async (...args) => server.run(["log-filter", ...args]);
  assert.equal((await filter()).stdout.trim(), "info");
  assert.equal((await filter("warn,streamspace_api=trace")).code, 0);
  assert.equal((await filter()).stdout.trim(), "warn,streamspace_api=trace");
  const refused = await filter("info,streamspace_api=loud");
  assert.notEqual(refused.code, 0);
  assert.match(refused.stderr, /no filter of the log/);
  const exported = await server.run(["audit", "export"]);
  assert.match(exported.stdout, /"method":"PUT","path":"[^"]*\/system\/log-filter","status":200/);
});
