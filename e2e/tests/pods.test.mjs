// Sessions as Pods of a real node: the controller makes them, a gateway shows them, and kubectl alone steers them.

import assert from "node:assert/strict";
import { chmod } from "node:fs/promises";
import { after, before, test } from "node:test";
import { Browser, type, untilPicture, untilState } from "../harness/browser.mjs";
import { Cluster, controller, define, session, template, want } from "../harness/cluster.mjs";
import { image } from "../harness/images.mjs";
import { postgres } from "../harness/postgres.mjs";
import { Server, temporaryFolder } from "../harness/server.mjs";
import { until } from "../harness/wait.mjs";

/** A node that has much to do at once, and idle times. */
const LIMIT_MS = 60_000;

const skip = process.getuid() === 0 ? false : "a node that runs pods needs root";

let browser;
before(async () => (browser = await Browser.launch()));
after(() => browser?.close());

/** A volume of a folder of this machine, for whichever claim comes. */
const volume = (name, path) => ({
  apiVersion: "v1",
  kind: "PersistentVolume",
  metadata: { name },
  spec: { capacity: { storage: "20Gi" }, accessModes: ["ReadWriteOnce"], hostPath: { path }, storageClassName: "folder" },
});

/** A node with our images, volumes for homes, and a controller. */
async function clusterFor(t) {
  const cluster = await Cluster.start("node");
  t.after(() => cluster.stop());
  await define(cluster);
  const [display, terminal] = [await image(t, cluster, "display"), await image(t, cluster, "xterm")];
  for (const name of ["first", "second"]) {
    const folder = await temporaryFolder(t);
    await chmod(folder, 0o777);
    await cluster.create(volume(name, folder));
  }
  await cluster.create(template("terminal", { baseImage: terminal, command: ["xterm"] }));
  const settings = ["--display-image", display, "--image-pull-policy", "Never", "--home-class", "folder"];
  controller(t, cluster, "one", settings);
  return cluster;
}

async function gatewayFor(t, cluster) {
  const args = ["--database-url-file", await postgres(t)];
  const gateway = await Server.start({ command: "gateway", args, env: { KUBECONFIG: cluster.kubeconfig } });
  t.after(() => gateway.stop());
  return gateway;
}

/** The session, when it is in this phase; with what keeps it from that otherwise. */
async function inPhase(cluster, name, phase) {
  let last;
  const reached = async () => {
    last = await cluster.get("session", name);
    return last.status?.phase === phase && last;
  };
  return until(`${name} to be ${phase}`, reached, LIMIT_MS).catch(async (error) => {
    const logs = ["logs", "--all-containers", "--prefix", "--ignore-errors", "--tail=30", name];
    const said = await Promise.all([cluster.kubectl(["get", "events"]), cluster.kubectl(logs)].map((text) => text.catch(String)));
    throw new Error(`${error.message}: ${JSON.stringify(last?.status)}\n${said.join("\n")}`);
  });
}

async function open(t, gateway, name) {
  const { hash } = new URL(await gateway.link());
  const page = await browser.open(`${gateway.origin}/session/${name}${hash}`);
  t.after(() => page.context().close());
  await untilPicture(page);
  await untilState(page, "connected-webrtc");
  return page;
}

const inProgram = (cluster, name, command) =>
  cluster.kubectl(["exec", name, "--container=program", "--", "/bin/sh", "-c", command]);

test("a session is made, seen, put to sleep, woken and ended with kubectl", { skip }, async (t) => {
  const cluster = await clusterFor(t);
  const gateway = await gatewayFor(t, cluster);
  await cluster.create(session("one"));
  const { status } = await inPhase(cluster, "one", "Running");
  assert.equal(status.podName, "one");

  await t.test("a browser sees it and types into it", async (t) => {
    const page = await open(t, gateway, "one");
    await type(page, "echo kept >kept\n");
    await until("what was typed", async () => (await inProgram(cluster, "one", "cat kept")) === "kept\n");
  });

  await t.test("the program has no way to the display's keys", async () => {
    const shown = await inProgram(cluster, "one", "id -u; ls /run/streamspace-keys /run/streamspace 2>&1; ls /run/streamspace-share");
    assert.match(shown, /^2000\n/);
    assert.match(shown, /cannot access '\/run\/streamspace-keys'/);
    assert.match(shown, /cannot access '\/run\/streamspace'/);
    assert.match(shown, /pulse\.sock\nxauthority/);
  });

  await t.test("what was saved is there after it slept", async () => {
    await want(cluster, "one", "hibernated");
    const asleep = await inPhase(cluster, "one", "Hibernated");
    assert.equal(asleep.status.address, undefined);
    assert.deepEqual((await cluster.get("pods")).items, []);
    await want(cluster, "one", "running");
    await inPhase(cluster, "one", "Running");
    assert.equal(await inProgram(cluster, "one", "cat kept"), "kept\n");
  });

  await t.test("a Pod that is lost is replaced", async () => {
    const [before] = (await cluster.get("pods")).items;
    await cluster.kubectl(["delete", "pod", "one"]);
    await until("another Pod", async () => {
      const [now] = (await cluster.get("pods")).items;
      return now && now.metadata.uid !== before.metadata.uid;
    });
    await inPhase(cluster, "one", "Running");
  });

  await t.test("nothing is left of it", async () => {
    await cluster.kubectl(["delete", "session", "one", "--timeout=60s"]);
    for (const kind of ["pods", "secrets", "persistentvolumeclaims"]) {
      await until(`its ${kind} to go`, async () => (await cluster.get(kind)).items.length === 0);
    }
  });
});

test("a session sleeps when nobody uses it any more, and not before", { skip }, async (t) => {
  const cluster = await clusterFor(t);
  const gateway = await gatewayFor(t, cluster);
  await cluster.create(session("one", { idleTimeout: "15s" }));
  await inPhase(cluster, "one", "Running");
  const page = await open(t, gateway, "one");
  for (const end = Date.now() + 25_000; Date.now() < end; ) {
    await type(page, "x");
    await new Promise((done) => setTimeout(done, 500));
  }
  const busy = await cluster.get("session", "one");
  assert.deepEqual([busy.spec.state, busy.status.phase], ["running", "Running"]);
  const asleep = await inPhase(cluster, "one", "Hibernated");
  const reasons = asleep.status.conditions.map(({ type, reason }) => `${type} ${reason}`);
  assert.deepEqual(reasons.sort(), ["Expired IdleTimeout", "Ready Hibernated"]);
});
