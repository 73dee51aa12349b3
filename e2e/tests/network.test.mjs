// Ways through networks: a range of ports, TCP where UDP is closed, and TURN where nothing else is open.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Browser, untilPicture } from "../harness/browser.mjs";
import { obstacle } from "../harness/namespace.mjs";
import { openNat, translate } from "../harness/nat.mjs";
import { chosenPath, watchPeers } from "../harness/peers.mjs";
import { Server, run, temporaryFolder } from "../harness/server.mjs";
import { freePort, trustedIdentity, turnServer } from "../harness/turn.mjs";
import { until } from "../harness/wait.mjs";

let browser;
before(async () => (browser = await Browser.launch()));
after(() => browser?.close());

/** A server whose sessions are seen in a page that has this script. */
async function watch(t, args, script, onBrowser = browser) {
  const server = await Server.start({ args });
  t.after(() => server.stop());
  const session = await server.session(["xterm"]);
  const page = await onBrowser.open(session.address, { script });
  t.after(() => page.context().close());
  await untilPicture(page);
  return page;
}

test("streamers keep to the ports that they are given", async (t) => {
  const first = await freePort();
  const args = ["--ice-ports", `${first}-${first + 3}`];
  const page = await watch(t, args, watchPeers());
  const { remote } = await chosenPath(page);
  assert.ok(remote.port >= first && remote.port <= first + 3, `${remote.port}`);
});

test("where UDP is closed the picture comes over TCP", async (t) => {
  const script = watchPeers({}, `(candidate) => / tcp /i.test(candidate)`);
  const page = await watch(t, [], script);
  const { remote } = await chosenPath(page);
  assert.equal(remote.protocol, "tcp");
});

/** Arguments for a server that is told of one STUN or TURN server. */
async function iceServers(t, server) {
  const file = join(await temporaryFolder(t), "servers.json");
  await writeFile(file, JSON.stringify([server]));
  return ["--ice-servers", file];
}

/** The way to a session that is seen through this TURN server alone. */
async function pathByTurn(t, address, onBrowser) {
  const args = await iceServers(t, { urls: [address], username: "someone", credential: "secret" });
  const page = await watch(t, args, watchPeers({ iceTransportPolicy: "relay" }), onBrowser);
  const { local } = await chosenPath(page);
  return [local.candidateType, local.relayProtocol];
}

for (const transport of ["udp", "tcp"]) {
  test(`where only TURN over ${transport} is open the picture comes by it`, async (t) => {
    const { port } = await turnServer(t);
    const path = await pathByTurn(t, `turn:127.0.0.1:${port}?transport=${transport}`);
    assert.deepEqual(path, ["relay", transport]);
  });
}

test("where only TURN over TLS is open the picture comes by it", async (t) => {
  const { home, ...identity } = await trustedIdentity(t);
  const { tlsPort } = await turnServer(t, { identity });
  const trusting = await Browser.launch({ env: { HOME: home } });
  t.after(() => trusting.close());
  const path = await pathByTurn(t, `turns:localhost:${tlsPort}?transport=tcp`, trusting);
  assert.deepEqual(path, ["relay", "tls"]);
});

test("a streamer behind a NAT is reached at the address that a STUN server sees", async (t) => {
  const pagePort = 8080;
  const reason = await obstacle((namespace) => translate(namespace, "10.215.0.2", pagePort));
  if (reason) return t.skip(reason);
  const nat = await openNat(pagePort);
  const stun = await turnServer(t, { address: nat.outsideAddress, namespace: nat.outside });
  const ice = await iceServers(t, { urls: [`stun:${nat.outsideAddress}:${stun.port}`] });
  const server = await Server.start({
    address: nat.insideAddress,
    port: pagePort,
    namespace: nat.inside,
    args: [...ice, "--name", nat.publicAddress],
  });
  t.after(() => server.stop());
  const session = await server.session(["xterm"]);
  const address = session.address.replace(nat.insideAddress, nat.publicAddress);
  const { origin } = new URL(address);
  const outside = await Browser.launch({ program: nat.browserProgram, origins: [origin] });
  t.after(() => outside.close());
  t.after(() => nat.close());
  const page = await outside.open(address, { script: watchPeers() });
  await untilPicture(page);
  // Until the candidate is told, its address is one that the browser has found by itself.
  await until("the streamer's server-reflexive candidate to be in use", async () => {
    const { remote } = await chosenPath(page);
    return remote.candidateType === "srflx" && remote.address === nat.publicAddress;
  });
});

test("a file of ICE servers that no browser could use is refused at the start", async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, "servers.json");
  await writeFile(file, `[{"urls": ["turn:example.org"]}]`);
  const up = ["up", "--listen", "127.0.0.1:0", "--data", join(folder, "data")];
  const { code, stderr } = await run([...up, "--ice-servers", file]);
  assert.equal(code, 1);
  assert.match(stderr, /TURN servers need username and credential/);
});
