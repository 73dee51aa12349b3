// The connection doctor: names the hop that is blocked, and what to open.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { assertNoFaults } from "../harness/accessibility.mjs";
import { Browser, untilPicture, untilState } from "../harness/browser.mjs";
import { watchPeers } from "../harness/peers.mjs";
import { press } from "../harness/people.mjs";
import { Server, temporaryFolder } from "../harness/server.mjs";
import { freePort, turnServer } from "../harness/turn.mjs";
import { until } from "../harness/wait.mjs";

let browser;
before(async () => (browser = await Browser.launch()));
after(() => browser?.close());

async function open(t, { script, args = [], settings } = {}) {
  const server = await Server.start({ args });
  t.after(() => server.stop());
  const session = await server.session(["xterm"]);
  const page = await browser.open(session.address, { script, ...settings });
  t.after(() => page.context().close());
  return page;
}

/** Arguments for a server that is told of these ICE servers. */
async function iceServers(t, ...servers) {
  const file = join(await temporaryFolder(t), "servers.json");
  await writeFile(file, JSON.stringify(servers));
  return ["--ice-servers", file];
}

const viewer = (page) => page.locator("streamspace-viewer");

/** Examines from the statistics; gives { hops: { udp: "open" }, verdict }. */
async function examine(page) {
  await press(page, "stats");
  await viewer(page).locator(".stats .settings .action").click();
  return findings(page);
}

async function findings(page) {
  const panel = viewer(page).locator(".doctor-panel");
  await until("the doctor to be done", () => panel.locator(":scope > .action").isVisible(), 40_000);
  const rows = await panel.locator("li").evaluateAll((rows) => rows.map(({ dataset }) => [dataset.hop, dataset.result]));
  return { hops: Object.fromEntries(rows), verdict: await panel.locator(".verdict").textContent() };
}

test("a good connection is found good, hop by hop", async (t) => {
  const { port } = await turnServer(t);
  const stun = { urls: [`stun:127.0.0.1:${port}`] };
  const relay = `turn:127.0.0.1:${port}?transport=udp`;
  const turn = { urls: [relay], username: "someone", credential: "secret" };
  const page = await open(t, { args: await iceServers(t, stun, turn) });
  await untilPicture(page);
  const { hops, verdict } = await examine(page);
  const open_ = ["server", "websocket", "streamer", "udp", "tcp", stun.urls[0], relay];
  assert.deepEqual(hops, Object.fromEntries(open_.map((hop) => [hop, "open"])));
  assert.match(verdict, /^Nothing is in the way/);
  assert.equal((await page.evaluate(() => document.querySelector("streamspace-viewer").people)).length, 1, "nobody came");
  await untilState(page, "connected-webrtc");
});

test("where UDP is blocked the doctor says so, and what to open", async (t) => {
  const first = await freePort();
  const args = ["--ice-ports", `${first}-${first + 3}`];
  const page = await open(t, { args, script: watchPeers({}, "(candidate) => / tcp /i.test(candidate)") });
  await untilPicture(page);
  const { hops, verdict } = await examine(page);
  assert.deepEqual([hops.udp, hops.tcp], ["closed", "open"]);
  assert.match(verdict, /UDP is blocked/);
  const [, port] = verdict.match(/Open UDP to .*127\.0\.0\.1:(\d+)/);
  assert.ok(port >= first && port <= first + 3, verdict);
});

test("where all is blocked but WebSockets, the fallback leads to the doctor, and the doctor to both ways out", async (t) => {
  const deaf = `turn:127.0.0.1:${await freePort()}?transport=tcp`;
  const args = await iceServers(t, { urls: [deaf], username: "someone", credential: "secret" });
  const page = await open(t, { args, script: watchPeers({}, "() => false") });
  await untilState(page, "vnc");
  await viewer(page).getByRole("button", { name: "Find out why" }).click();
  const { hops, verdict } = await findings(page);
  assert.deepEqual([hops.websocket, hops.udp, hops.tcp, hops[deaf]], ["open", "closed", "closed", "closed"]);
  assert.match(verdict, /Neither UDP nor TCP gets through/);
  assert.match(verdict, /relay 127\.0\.0\.1:\d+ does not answer. Open TCP to it/);
});

/** In the page: a proxy that answers no upgrade. */
function blockWebSockets() {
  globalThis.WebSocket = class extends globalThis.WebSocket {
    constructor(address) {
      super(address.replace(/\/(signal|vnc)$/, "/no-upgrade"));
    }
  };
}

test("where WebSockets are blocked nothing else is to blame", async (t) => {
  const page = await open(t, { script: blockWebSockets });
  await untilState(page, "reconnecting");
  await viewer(page).getByRole("button", { name: "Find out why" }).click();
  const { hops, verdict } = await findings(page);
  assert.deepEqual(hops, {
    ...{ server: "open", websocket: "closed" },
    ...{ streamer: "untested", udp: "untested", tcp: "untested" },
  });
  assert.match(verdict, /blocks WebSockets.*http:\/\/127\.0\.0\.1/);
});

test("a server that is gone is found gone", async (t) => {
  const page = await open(t);
  await untilPicture(page);
  await page.route("**/api/v1/version", (route) => route.abort());
  const { hops, verdict } = await examine(page);
  assert.equal(hops.server, "closed");
  assert.match(verdict, /The server does not answer/);
});

test("the doctor speaks the viewer's language, and its panel is clean", async (t) => {
  const page = await open(t, { settings: { locale: "ar", colorScheme: "dark" } });
  await untilPicture(page);
  const { verdict } = await examine(page);
  assert.match(verdict, /UDP/);
  assert.match(verdict, /لا شيء يعترض الطريق/);
  await assertNoFaults(page, "the doctor");
});
