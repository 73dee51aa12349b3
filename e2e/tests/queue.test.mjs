// Limits of people and groups, and the queue before them, against a real API server and scheduler. No node runs
// anything here: a session that starts counts as one that runs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Cluster, controller, define, group, session, template, user, want } from "../harness/cluster.mjs";
import { until } from "../harness/wait.mjs";

const SETTINGS = ["--display-image", "registry.example/display:1"];

async function clusterFor(t) {
  const cluster = await Cluster.start("nodes");
  t.after(() => cluster.stop());
  await define(cluster);
  const resources = { cpu: "500m", memory: "1Gi" };
  await cluster.create(template("terminal", { baseImage: "registry.example/terminal:1", defaultResources: resources }));
  return cluster;
}

const pods = async (cluster) => (await cluster.get("pods")).items.map(({ metadata }) => metadata.name).sort();

const untilPods = (cluster, expected) =>
  until(`the Pods ${expected}`, async () => JSON.stringify(await pods(cluster)) === JSON.stringify(expected));

/** What a session's status says of the queue, once it is in it. */
async function queued(cluster, name, position) {
  const { status } = await until(`${name} to be number ${position}`, async () => {
    const found = await cluster.get("session", name);
    return found.status?.queue?.position === position && found;
  });
  assert.equal(status.phase, "Pending");
  return status.queue.unmet;
}

const patch = (cluster, kind, name, spec) =>
  cluster.kubectl(["patch", kind, name, "--type=merge", "--patch", JSON.stringify({ spec })]);

test("a group's sessions wait in turns, are told for what, and go on when there is room", async (t) => {
  const cluster = await clusterFor(t);
  await cluster.create(group("staff", { limits: { running: 2 } }));
  for (const name of ["ada", "bob"]) await cluster.create(user(name, { groups: ["staff"] }));
  const first = controller(t, cluster, "first", SETTINGS);
  await cluster.create(session("a1", { user: "ada" }));
  await cluster.create(session("a2", { user: "ada" }));
  await untilPods(cluster, ["a1", "a2"]);
  await cluster.create(session("a3", { user: "ada" }));
  const unmet = "group staff: 2 of 2 running sessions";
  assert.equal(await queued(cluster, "a3", 1), unmet);
  // Who has none yet comes before who has two.
  await cluster.create(session("b1", { user: "bob" }));
  assert.equal(await queued(cluster, "b1", 1), unmet);
  assert.equal(await queued(cluster, "a3", 2), unmet);
  // Others do not wait for that group.
  await cluster.create(session("free", { user: "eve" }));
  await untilPods(cluster, ["a1", "a2", "free"]);

  await want(cluster, "a1", "hibernated");
  await untilPods(cluster, ["a2", "b1", "free"]);
  await queued(cluster, "a3", 1);
  // A controller that takes over stops nobody and lets nobody pass.
  const before = (await cluster.get("pods")).items.map(({ metadata }) => metadata.uid).sort();
  first.child.kill("SIGTERM");
  await first.exit;
  controller(t, cluster, "second", SETTINGS);
  await cluster.create(session("late", { user: "ada" }));
  await queued(cluster, "late", 2);
  const after = (await cluster.get("pods")).items.map(({ metadata }) => metadata.uid).sort();
  assert.deepEqual(after, before);

  await patch(cluster, "group", "staff", { limits: { running: 3 } });
  await untilPods(cluster, ["a2", "a3", "b1", "free"]);
  const { status } = await cluster.get("session", "a3");
  assert.equal(status.queue, undefined);
  await cluster.kubectl(["delete", "group", "staff"]);
  await untilPods(cluster, ["a2", "a3", "b1", "free", "late"]);
});

test("cores and memory are counted, and what is asked for is named", async (t) => {
  const cluster = await clusterFor(t);
  await cluster.create(user("ada", { limits: { cpu: "1", memory: "8Gi" } }));
  await cluster.create(user("bob", { limits: { memory: "3Gi" } }));
  controller(t, cluster, "one", SETTINGS);
  await cluster.create(session("half", { user: "ada" }));
  await untilPods(cluster, ["half"]);
  await cluster.create(session("whole", { user: "ada", resources: { cpu: "1" } }));
  assert.equal(await queued(cluster, "whole", 1), "user ada: 0.500 of 1.000 cores are taken, and it asks for 1.000");
  await cluster.create(session("large", { user: "bob", resources: { memory: "4Gi" } }));
  assert.match(await queued(cluster, "large", 1), /^user bob: 0Mi of 3072Mi memory/);
  await cluster.kubectl(["delete", "session", "half", "--timeout=30s"]);
  await untilPods(cluster, ["whole"]);
});

test("a session of a higher priority takes the place of one that may be stopped, which comes back", async (t) => {
  const cluster = await clusterFor(t);
  await cluster.create(group("chiefs", { priority: 10 }));
  await cluster.create(user("eve", { groups: ["chiefs"] }));
  controller(t, cluster, "one", [...SETTINGS, "--max-running", "2"]);
  await cluster.create(session("kept", { user: "ada" }));
  await cluster.create(session("batch", { user: "ada", preemptible: true }));
  await untilPods(cluster, ["batch", "kept"]);
  await cluster.create(session("chief", { user: "eve" }));
  await untilPods(cluster, ["chief", "kept"]);
  assert.equal(await queued(cluster, "batch", 1), "the cluster: 2 of 2 running sessions");
  const { spec } = await cluster.get("session", "batch");
  assert.equal(spec.state, "running");
  await cluster.kubectl(["delete", "session", "chief", "--timeout=30s"]);
  await untilPods(cluster, ["batch", "kept"]);
});

test("a person's home has the size that their group has, and goes with them if it is to", async (t) => {
  const cluster = await clusterFor(t);
  await cluster.create(group("staff", { home: { size: "3Gi", storageClass: "fast", deleteWithUser: true } }));
  const { metadata } = await cluster.create(user("ada", { groups: ["staff"] }));
  controller(t, cluster, "one", SETTINGS);
  await cluster.create(session("one", { user: "ada", persistentHome: true }));
  await untilPods(cluster, ["one"]);
  const { items } = await cluster.get("persistentvolumeclaims");
  const [home] = items;
  assert.equal(items.length, 1);
  assert.deepEqual([home.spec.resources.requests.storage, home.spec.storageClassName], ["3Gi", "fast"]);
  assert.deepEqual(home.metadata.ownerReferences.map(({ kind, uid }) => [kind, uid]), [["User", metadata.uid]]);
  // The schema refuses what nobody could count.
  await assert.rejects(cluster.create(user("odd", { limits: { cpu: "much" } })), /spec.limits.cpu/);
  await assert.rejects(cluster.create(group("odd", { priority: 5000 })), /spec.priority/);
});
