// A real TURN server (coturn) of a test's own, and certificates that a browser trusts.

import { execFile, spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { temporaryFolder } from "./server.mjs";
import { until } from "./wait.mjs";

const execute = promisify(execFile);

export async function freePort() {
  const listener = createServer();
  await new Promise((done) => listener.listen(0, "127.0.0.1", done));
  const { port } = listener.address();
  await new Promise((done) => listener.close(done));
  return port;
}

/**
 * Starts coturn, on the loopback device or at an `address` of a `namespace`. An `identity`, which is
 * a certificate and its key, opens a port for TLS. It knows `someone`, or with a `secret` whoever
 * has credentials that were made with it.
 */
export async function turnServer(t, { identity, secret, address = "127.0.0.1", namespace } = {}) {
  const folder = await temporaryFolder(t);
  const [port, tlsPort] = [await freePort(), await freePort()];
  const tls = identity
    ? ["--tls-listening-port", `${tlsPort}`, "--cert", identity.certificate, "--pkey", identity.key]
    : ["--no-tls"];
  const within = namespace ? ["ip", "netns", "exec", namespace] : [];
  const [program, ...rest] = [
    [...within, "turnserver", "--listening-ip", address, "--relay-ip", address],
    ["--listening-port", `${port}`, ...tls, "--no-dtls", "--no-cli", "--no-multicast-peers"],
    secret
      ? ["--use-auth-secret", "--static-auth-secret", secret]
      : ["--lt-cred-mech", "--user", "someone:secret"],
    ["--realm", "example.org", "--fingerprint"],
    ["--allow-loopback-peers", "--log-file", "stdout"],
    ["--pidfile", join(folder, "pid"), "--db", join(folder, "db")],
  ].flat();
  const child = spawn(program, rest, { cwd: folder, stdio: "ignore" });
  t.after(() => child.kill("SIGKILL"));
  const [ss, ...filter] = [...within, "ss", "-ltnH", `sport = :${identity ? tlsPort : port}`];
  await until("the TURN server", async () => (await execute(ss, filter)).stdout);
  return { port, tlsPort };
}

/**
 * What coturn's client says when it tries to reach `host` and `port` by a TURN server over TCP, with
 * `{ urls, username, credential }`: with a "permission" for the address, or a "channel" to the port.
 */
export async function probePeer({ urls, username, credential }, host, port, means = "channel") {
  const url = urls.find((url) => url.endsWith("?transport=tcp"));
  const [, server, serverPort] = url.match(/^turn:(.+):(\d+)\?/);
  const login = ["-u", username, "-w", credential, "-p", serverPort];
  const by = means === "permission" ? ["-s"] : [];
  // Over TCP the server notices at once that the client is gone, and gives its place to the next.
  const args = ["-t", ...login, ...by, "-v", "-c", "-n", "1", "-e", host, "-r", `${port}`, server];
  // Every other time it asks for an even port, which is refused: no browser wants one.
  return until("coturn's client to ask for nothing else", async () => {
    const said = await whatItSays(args);
    return !/error 420/.test(said) && said;
  });
}

function whatItSays(args) {
  return new Promise((done) => {
    const child = spawn("turnutils_uclient", args);
    let said = "";
    const listen = (text) => {
      said += text;
      // It would wait for echoes that nobody sends.
      if (/error 4|(cp|cb) response received[^]*success/.test(said)) child.kill("SIGKILL");
    };
    child.stdout.on("data", listen);
    child.stderr.on("data", listen);
    child.on("close", () => done(said));
  });
}

/**
 * An authority of the test's own and a certificate by it for `localhost`: `certificate` and `key` are
 * files, and a browser that has `home` as its home folder trusts them.
 */
export async function trustedIdentity(t) {
  const home = await temporaryFolder(t);
  const file = (name) => join(home, name);
  const make = (name, ...args) => {
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-keyout", file(`${name}.key`)];
    return execute("openssl", ["req", "-x509", "-days", "2", ...key, "-out", file(`${name}.pem`), ...args]);
  };
  await make("authority", "-subj", "/CN=Test authority");
  await make("server", "-subj", "/CN=localhost", ...[
    ["-CA", file("authority.pem"), "-CAkey", file("authority.key")],
    ["-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE"],
  ].flat());
  const database = `sql:${file(".pki/nssdb")}`;
  await mkdir(file(".pki/nssdb"), { recursive: true });
  await execute("certutil", ["-d", database, "-N", "--empty-password"]);
  await execute("certutil", ["-d", database, "-A", "-t", "C,,", "-n", "authority", "-i", file("authority.pem")]);
  return { home, certificate: file("server.pem"), key: file("server.key") };
}
