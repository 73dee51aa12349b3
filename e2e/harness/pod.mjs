// A session's Pod without a node: its display runs as a process of the test, and the test says in the
// session's object where it is, as the controller does.

import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { environment, start, temporaryFolder } from "./server.mjs";
import { freePort } from "./turn.mjs";
import { until } from "./wait.mjs";

const execute = promisify(execFile);

/** Runs the display of this session, and says so. Gives how to start a program on it. */
export async function runPod(t, cluster, session) {
  const folder = await temporaryFolder(t);
  const keys = await makeKeys(folder, session);
  await cluster.create(secret(session, keys));
  const port = await freePort();
  const run = join(folder, "run");
  const home = join(folder, "home");
  await mkdir(run);
  const args = ["pod-session", "--session", session, "--keys", join(folder, "keys")];
  const pod = start([...args, "--listen", `127.0.0.1:${port}`, "--home", home, "--run", run]);
  t.after(async () => {
    pod.child.kill("SIGTERM");
    await pod.exit;
  });
  await until("the Pod's port", () => {
    if (pod.child.exitCode !== null) throw new Error(pod.stderr);
    return answers(port);
  });
  const status = { phase: "Running", podName: session, address: `127.0.0.1:${port}`, conditions: [] };
  await setStatus(cluster, session, status);
  return { folder: run, program: (...command) => program(t, join(run, "session", session), command), pod };
}

/** As the controller writes it: the status is a resource of its own. */
export function setStatus(cluster, session, status) {
  const patch = JSON.stringify({ status });
  return cluster.kubectl(["patch", "session", session, "--subresource=status", "--type=merge", "--patch", patch]);
}

async function makeKeys(folder, session) {
  const keys = join(folder, "keys");
  await mkdir(keys);
  const [certificate, key] = [join(keys, "tls.crt"), join(keys, "tls.key")];
  const made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"];
  await execute("openssl", [...made, "-subj", `/CN=${session}`, "-out", certificate, "-keyout", key]);
  const texts = { "streamer-key": 32, "vnc-password": 4, "vnc-view-password": 4 };
  for (const [name, bytes] of Object.entries(texts)) {
    await writeFile(join(keys, name), randomBytes(bytes).toString("hex"));
  }
  const names = ["tls.crt", "tls.key", ...Object.keys(texts)];
  const read = async (name) => [name, (await readFile(join(keys, name))).toString("base64")];
  return Object.fromEntries(await Promise.all(names.map(read)));
}

const secret = (session, data) => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: `${session}-keys` },
  data,
});

function answers(port) {
  return new Promise((done) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => done(false));
    socket.on("connect", () => {
      socket.destroy();
      done(true);
    });
  });
}

/** Starts what the other container would. */
async function program(t, folder, [command, ...args]) {
  const [number] = (await readFile(join(folder, "display"), "utf8")).split(" ");
  const env = { ...environment, DISPLAY: `:${number}`, XAUTHORITY: join(folder, "xauthority") };
  const child = spawn(command, args, { env, stdio: "ignore" });
  t.after(() => child.kill("SIGKILL"));
}
