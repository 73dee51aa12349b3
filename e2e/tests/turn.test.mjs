// The server's own TURN relay, and one of somebody else's that shares a secret with it.

import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Browser, untilPicture, type } from "../harness/browser.mjs";
import { chosenPath, receivedVideo, watchPeers } from "../harness/peers.mjs";
import { joinByLink } from "../harness/people.mjs";
import { Server, run, temporaryFolder } from "../harness/server.mjs";
import { probePeer, trustedIdentity, turnServer } from "../harness/turn.mjs";
import { until } from "../harness/wait.mjs";

let browser;
before(async () => (browser = await Browser.launch()));
after(() => browser?.close());

const BUILT_IN = ["--turn", "127.0.0.1:0"];

/** A script for a page: media go by TURN or not at all, and by the addresses that end so. */
const relayOnly = (end) => `
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor({ iceServers, ...rest }) {
      const kept = ({ urls, ...login }) => ({ urls: urls.filter((url) => url.endsWith("${end}")), ...login });
      super({ iceServers: iceServers.map(kept).filter(({ urls }) => urls.length > 0), ...rest });
    }
  };
  ${watchPeers({ iceTransportPolicy: "relay" })}`;

async function serve(t, args) {
  const server = await Server.start({ args });
  t.after(() => server.stop());
  return server;
}

async function watch(t, address, { script = watchPeers(), onBrowser = browser } = {}) {
  const page = await onBrowser.open(address, { script });
  t.after(() => page.context().close());
  await untilPicture(page);
  return page;
}

/** The ICE servers that the page was told of. */
const iceServers = (page) => page.evaluate(() => globalThis.peers.at(-1).getConfiguration().iceServers);

/** Sees that the desktop plays by TURN alone, and answers what is typed. */
async function playsByRelay(t, server, { end, onBrowser }) {
  const { address } = await server.session(["xterm"]);
  const page = await watch(t, address, { script: relayOnly(end), onBrowser });
  const { framesDecoded } = await receivedVideo(page);
  await until("the desktop to answer", async () => {
    await type(page, "x");
    return (await receivedVideo(page)).framesDecoded > framesDecoded + 10;
  });
  const { local } = await chosenPath(page);
  return [local.candidateType, local.relayProtocol];
}

for (const transport of ["udp", "tcp"]) {
  test(`a desktop plays by the built-in TURN server over ${transport} alone`, async (t) => {
    const server = await serve(t, BUILT_IN);
    const path = await playsByRelay(t, server, { end: `transport=${transport}` });
    assert.deepEqual(path, ["relay", transport]);
  });
}

test("a desktop plays by the built-in TURN server over TLS alone", async (t) => {
  const { home, certificate, key } = await trustedIdentity(t);
  const tls = ["--turn-tls", "127.0.0.1:0", "--turn-cert", certificate, "--turn-key", key];
  const server = await serve(t, [...tls, "--turn-host", "localhost"]);
  const trusting = await Browser.launch({ env: { HOME: home } });
  t.after(() => trusting.close());
  const path = await playsByRelay(t, server, { end: "transport=tcp", onBrowser: trusting });
  assert.deepEqual(path, ["relay", "tls"]);
});

test("a guest plays by the built-in TURN server with credentials of their own", async (t) => {
  const server = await serve(t, BUILT_IN);
  const { address, session } = await server.session(["xterm"]);
  const owner = await watch(t, address);
  const { stdout } = await server.run(["session", "share", session, "--for", "1h"]);
  const link = stdout.match(/http:\S+/)[0];
  const guest = await joinByLink(browser, link, "Grace", { script: relayOnly("transport=udp") });
  t.after(() => guest.context().close());
  const { local } = await chosenPath(guest);
  assert.equal(local.candidateType, "relay");
  const [[ofOwner], [ofGuest]] = [await iceServers(owner), await iceServers(guest)];
  assert.notEqual(ofOwner.username, ofGuest.username);
  assert.notEqual(ofOwner.credential, ofGuest.credential);
  const secondsLeft = parseInt(ofGuest.username, 10) - Date.now() / 1000;
  assert.ok(secondsLeft > 0 && secondsLeft <= 3600, "they end with the link");
});

test("the built-in TURN server is no open relay", async (t) => {
  const server = await serve(t, BUILT_IN);
  const { address } = await server.session(["xterm"]);
  const page = await watch(t, address, { script: watchPeers({ iceTransportPolicy: "relay" }) });
  const [login] = await iceServers(page);
  const { remote } = await chosenPath(page);
  const victim = createSocket("udp4").bind(0, "127.0.0.1");
  await once(victim, "listening");
  t.after(() => victim.close());
  const received = [];
  victim.on("message", (message) => received.push(message));

  // Another program, with a viewer's own credentials.
  const toStreamer = (credentials) => probePeer(credentials, remote.address, remote.port, "permission");
  assert.match(await toStreamer(login), /cp response received[^]*success/);
  const turnPort = login.urls[0].match(/:(\d+)\?/)[1];
  for (const port of [victim.address().port, new URL(server.origin).port, turnPort]) {
    assert.match(await probePeer(login, "127.0.0.1", port), /error 403/, `port ${port} of the streamer's address`);
  }
  for (const host of ["169.254.169.254", "10.0.0.1", "8.8.8.8", "127.0.0.2"]) {
    assert.match(await probePeer(login, host, 80), /error 403/, host);
    assert.match(await probePeer(login, host, 80, "permission"), /error 403/, host);
  }
  assert.deepEqual(received, []);

  const forged = { ...login, credential: "AAAAAAAAAAAAAAAAAAAAAAAAAAA=" };
  assert.doesNotMatch(await toStreamer(forged), /success/);
  await page.close();
  await until("the credentials to end with their viewer", async () => !/success/.test(await toStreamer(login)));
  assert.ok(!server.process.stderr.includes(login.credential));
});

test("behind a 1:1 NAT the built-in TURN server reaches sessions at the machine's own address", async (t) => {
  const server = await serve(t, [...BUILT_IN, "--turn-host", "127.0.0.1", "--public-address", "198.51.100.7"]);
  assert.deepEqual(await playsByRelay(t, server, { end: "transport=udp" }), ["relay", "udp"]);
});

test("coturn takes the credentials that viewers are given for it", async (t) => {
  const secret = "a secret of both servers";
  const { port } = await turnServer(t, { secret });
  const file = join(await temporaryFolder(t), "secret");
  await writeFile(file, `${secret}\n`);
  const url = `turn:127.0.0.1:${port}?transport=udp`;
  const server = await serve(t, ["--turn-url", url, "--turn-secret-file", file]);
  assert.deepEqual(await playsByRelay(t, server, { end: "transport=udp" }), ["relay", "udp"]);
  assert.ok(!server.process.stderr.includes(secret));
});

test("without being asked for, there is no TURN server, and nobody is told of one", async (t) => {
  const server = await serve(t, []);
  const { address } = await server.session(["xterm"]);
  const page = await watch(t, address);
  assert.deepEqual(await iceServers(page), []);
});

test("a TURN server without its certificate is refused at the start", async (t) => {
  const folder = await temporaryFolder(t);
  const up = ["up", "--listen", "127.0.0.1:0", "--data", join(folder, "data")];
  const tls = ["--turn-tls", "127.0.0.1:0", "--turn-cert", join(folder, "none"), "--turn-key", join(folder, "none")];
  const { code, stderr } = await run([...up, ...tls]);
  assert.equal(code, 1);
  assert.match(stderr, /TURN cannot speak TLS: .*none cannot be read/);
});
