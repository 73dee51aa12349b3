// Ways through networks: a range of ports, TCP where UDP is closed, and TURN where nothing else is open.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { connect, createServer } from "node:net";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Browser, untilPicture } from "../harness/browser.mjs";
import { Server, run, temporaryFolder } from "../harness/server.mjs";
import { until } from "../harness/wait.mjs";

let browser;
before(async () => (browser = await Browser.launch()));
after(() => browser?.close());

/** In the page: keeps hold of peer connections, whose candidates `keep` lets through both ways. */
function watchPeers(configuration, keep) {
  return `globalThis.peers = [];
    globalThis.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(configuration) {
        super({ ...configuration, ...${JSON.stringify(configuration)} });
        globalThis.peers.push(this);
      }
      set onicecandidate(handler) {
        super.onicecandidate = (event) => {
          const text = event.candidate?.candidate;
          if (!text || (${keep})(text)) handler(event);
        };
      }
      addIceCandidate(candidate) {
        const text = candidate?.candidate;
        return text && !(${keep})(text) ? Promise.resolve() : super.addIceCandidate(candidate);
      }
      setRemoteDescription({ type, sdp }) {
        const lines = sdp.split("\\r\\n");
        const kept = lines.filter((line) => !line.startsWith("a=candidate:") || (${keep})(line));
        return super.setRemoteDescription({ type, sdp: kept.join("\\r\\n") });
      }
    };`;
}

/** The path in use: `local` and `remote` candidates as getStats() tells them. */
function chosenPath(page) {
  return until("a chosen path", () =>
    page.evaluate(async () => {
      const peer = globalThis.peers.at(-1);
      const report = await peer.getStats();
      const transport = [...report.values()].find(({ type }) => type === "transport");
      const pair = report.get(transport?.selectedCandidatePairId);
      return pair && { local: report.get(pair.localCandidateId), remote: report.get(pair.remoteCandidateId) };
    }),
  );
}

async function freePort() {
  const listener = createServer();
  await new Promise((done) => listener.listen(0, "127.0.0.1", done));
  const { port } = listener.address();
  await new Promise((done) => listener.close(done));
  return port;
}

/** A server whose sessions are seen in a page that has this script. */
async function watch(t, args, script) {
  const server = await Server.start({ args });
  t.after(() => server.stop());
  const session = await server.session(["xterm"]);
  const page = await browser.open(session.address, { script });
  t.after(() => page.context().close());
  await untilPicture(page);
  return page;
}

test("streamers keep to the ports that they are given", async (t) => {
  const first = await freePort();
  const args = ["--ice-ports", `${first}-${first + 3}`];
  const page = await watch(t, args, watchPeers({}, "() => true"));
  const { remote } = await chosenPath(page);
  assert.ok(remote.port >= first && remote.port <= first + 3, `${remote.port}`);
});

test("where UDP is closed the picture comes over TCP", async (t) => {
  const script = watchPeers({}, `(candidate) => / tcp /i.test(candidate)`);
  const page = await watch(t, [], script);
  const { remote } = await chosenPath(page);
  assert.equal(remote.protocol, "tcp");
});

/** Whether somebody listens there. */
function answers(port) {
  return new Promise((done) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      done(true);
    });
    socket.on("error", () => done(false));
  });
}

async function turnServer(t) {
  const folder = await temporaryFolder(t);
  const port = await freePort();
  const child = spawn(
    "turnserver",
    [
      ["--listening-ip", "127.0.0.1", "--relay-ip", "127.0.0.1", "--listening-port", `${port}`],
      ["--lt-cred-mech", "--user", "someone:secret", "--realm", "example.org", "--fingerprint"],
      ["--allow-loopback-peers", "--no-tls", "--no-dtls", "--no-cli", "--no-multicast-peers"],
      ["--log-file", "stdout", "--pidfile", join(folder, "pid"), "--db", join(folder, "db")],
    ].flat(),
    { cwd: folder, stdio: "ignore" },
  );
  t.after(() => child.kill("SIGKILL"));
  await until("the TURN server", () => answers(port));
  return { folder, port };
}

for (const transport of ["udp", "tcp"]) {
  test(`where only TURN over ${transport} is open the picture comes by it`, async (t) => {
    const { folder, port } = await turnServer(t);
    const file = join(folder, "servers.json");
    const urls = [`turn:127.0.0.1:${port}?transport=${transport}`];
    await writeFile(file, JSON.stringify([{ urls, username: "someone", credential: "secret" }]));
    const script = watchPeers({ iceTransportPolicy: "relay" }, "() => true");
    const page = await watch(t, ["--ice-servers", file], script);
    const { local } = await chosenPath(page);
    assert.deepEqual([local.candidateType, local.relayProtocol], ["relay", transport]);
  });
}

test("a file of ICE servers that no browser could use is refused at the start", async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, "servers.json");
  await writeFile(file, `[{"urls": ["turn:example.org"]}]`);
  const up = ["up", "--listen", "127.0.0.1:0", "--data", join(folder, "data")];
  const { code, stderr } = await run([...up, "--ice-servers", file]);
  assert.equal(code, 1);
  assert.match(stderr, /TURN servers need username and credential/);
});
