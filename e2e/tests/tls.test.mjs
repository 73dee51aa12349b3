// The server speaks TLS itself.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, writeFile } from "node:fs/promises";
import { connect } from "node:tls";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { Browser, untilPicture, type } from "../harness/browser.mjs";
import { receivedVideo, watchPeers } from "../harness/peers.mjs";
import { Server } from "../harness/server.mjs";
import { trustedIdentity } from "../harness/turn.mjs";
import { until } from "../harness/wait.mjs";

const execute = promisify(execFile);

let browser;
let identity;
before(async (t) => {
  identity = await trustedIdentity(t);
  browser = await Browser.launch({ env: { HOME: identity.home } });
});
after(() => browser?.close());

/** A server by TLS that browsers call `localhost`. */
async function serve(t, { certificate, key }) {
  const server = await Server.start({ args: ["--tls-cert", certificate, "--tls-key", key, "--name", "localhost"] });
  t.after(() => server.stop());
  return server;
}

/** The serial number of the certificate that a server shows. */
function shownBy(server) {
  return new Promise((done, failed) => {
    const { port } = new URL(server.origin);
    const socket = connect({ port, host: "127.0.0.1", servername: "localhost", rejectUnauthorized: false }, () => {
      done(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.on("error", failed);
  });
}

test("a desktop plays by HTTPS, and the command line trusts the server's certificate", async (t) => {
  const server = await serve(t, identity);
  const { address } = await server.session(["xterm"]);
  assert.match(server.signInUrl, /^https:\/\/localhost:\d+\//);
  const page = await browser.open(address.replace(/^https:\/\/[^/]+/, server.origin), { script: watchPeers() });
  t.after(() => page.context().close());
  await untilPicture(page);
  const { framesDecoded } = await receivedVideo(page);
  await type(page, "x");
  await until("the desktop to answer", async () => (await receivedVideo(page)).framesDecoded > framesDecoded);
  const [cookie] = await page.context().cookies();
  assert.ok(cookie.secure && cookie.httpOnly, JSON.stringify(cookie));
});

test("a new certificate is shown without a restart, and a broken one is not", async (t) => {
  const folder = await trustedIdentity(t);
  const files = { certificate: `${folder.home}/shown.pem`, key: `${folder.home}/shown.key` };
  const put = async (from) => {
    await copyFile(from.certificate, files.certificate);
    await copyFile(from.key, files.key);
  };
  await put(identity);
  const server = await serve(t, files);
  const first = await shownBy(server);
  await writeFile(files.certificate, "no certificate");
  await until("the server to see that", () => /the former certificate stays/.test(server.process.stderr), 30_000);
  assert.equal(await shownBy(server), first);
  await put(folder);
  await until("the new certificate", async () => (await shownBy(server)) !== first, 30_000);
  const { stdout } = await execute("openssl", ["x509", "-in", folder.certificate, "-noout", "-serial"]);
  assert.equal(await shownBy(server), stdout.trim().replace("serial=", ""));
  assert.equal((await server.run(["session", "list"])).code, 0);
});
