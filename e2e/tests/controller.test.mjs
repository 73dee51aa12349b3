// The controller against a real API server and scheduler, without a node that runs anything: what it makes, what it
// says, and that neither its own end nor another controller's leaves anything undone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Cluster, controller, define, session, template, want } from "../harness/cluster.mjs";
import { until } from "../harness/wait.mjs";

const SETTINGS = ["--display-image", "registry.example/display:1"];

async function clusterFor(t) {
  const cluster = await Cluster.start("nodes");
  t.after(() => cluster.stop());
  await define(cluster);
  return cluster;
}

const names = async (cluster, kind) => (await cluster.get(kind)).items.map((item) => item.metadata.name).sort();

/** Why a session is not ready. */
async function untilReason(cluster, name, reason) {
  const { status } = await until(`${name} to say ${reason}`, async () => {
    const found = await cluster.get("session", name);
    return found.status?.conditions?.some((condition) => condition.reason === reason) && found;
  });
  return status.conditions.find((condition) => condition.reason === reason).message;
}

test("what keeps a session from running is said, and mended when it is", async (t) => {
  const cluster = await clusterFor(t);
  controller(t, cluster, "one", SETTINGS);
  await cluster.create(session("one"));
  assert.match(await untilReason(cluster, "one", "TemplateNotFound"), /"terminal"/);
  await cluster.create(template("terminal", { command: ["xterm"] }));
  assert.match(await untilReason(cluster, "one", "TemplateInvalid"), /baseImage/);
  const image = JSON.stringify({ spec: { baseImage: "registry.example/terminal:1" } });
  await cluster.kubectl(["patch", "template", "terminal", "--type=merge", "--patch", image]);
  assert.match(await untilReason(cluster, "one", "Unschedulable"), /no nodes available/);
  assert.deepEqual(await names(cluster, "pods"), ["one"]);

  await cluster.create(session("wrong", { display: { encoder: "magic" } }));
  assert.match(await untilReason(cluster, "wrong", "Invalid"), /magic/);
  await cluster.create(session("much", { resources: { memory: "much" } }));
  assert.match(await untilReason(cluster, "much", "PodRefused"), /much|quantit/);

  await cluster.create(session("none", { template: undefined, command: ["xterm"] }));
  assert.match(await untilReason(cluster, "none", "Invalid"), /spec.template/);
});

test("a Pod has no right that its program does not need", async (t) => {
  const cluster = await clusterFor(t);
  controller(t, cluster, "one", SETTINGS);
  await cluster.create(template("terminal", { baseImage: "registry.example/terminal:1", env: [{ name: "A", value: "b" }] }));
  await cluster.create(session("one", { persistentHome: true, resources: { memory: "1Gi", cpu: "500m" } }));
  const { spec } = await until("the Pod", () => cluster.get("pod", "one"));
  assert.equal(spec.automountServiceAccountToken, false);
  assert.equal(spec.securityContext.seccompProfile.type, "RuntimeDefault");
  const [display, program] = [spec.initContainers[0], spec.containers[0]];
  assert.equal(display.restartPolicy, "Always");
  for (const { securityContext } of [display, program]) {
    assert.equal(securityContext.allowPrivilegeEscalation, false);
    assert.equal(securityContext.readOnlyRootFilesystem, true);
    assert.deepEqual(securityContext.capabilities.drop, ["ALL"]);
  }
  assert.notEqual(display.securityContext.runAsUser, program.securityContext.runAsUser);
  const mounts = program.volumeMounts.filter(({ mountPath }) => !mountPath.startsWith("/dev")).map(({ name, readOnly }) => `${name} ${readOnly ?? false}`);
  assert.deepEqual(mounts.sort(), ["home false", "program-tmp false", "runtime false", "share true", "x11 true"]);
  assert.equal(program.resources.limits.memory, "1Gi");
  assert.ok(program.env.some(({ name, value }) => name === "A" && value === "b"));

  const { data, immutable } = await cluster.get("secret", "one-keys");
  assert.deepEqual(Object.keys(data).sort(), ["streamer-key", "tls.crt", "tls.key", "vnc-password", "vnc-view-password"]);
  assert.equal(immutable, true);
  // A person's home stays when the session goes.
  await cluster.kubectl(["delete", "session", "one", "--timeout=30s"]);
  await until("the keys to go", async () => (await names(cluster, "secrets")).length === 0);
  const [home] = await names(cluster, "persistentvolumeclaims");
  assert.match(home, /^home-admin-/);
});

test("a leader that is killed is followed by another one", async (t) => {
  const cluster = await clusterFor(t);
  await cluster.create(template("terminal", { baseImage: "registry.example/terminal:1" }));
  const [first, second] = ["first", "second"].map((identity) => controller(t, cluster, identity, SETTINGS));
  const leads = ({ stderr }) => stderr.includes("leading");
  await until("a leader", () => leads(first) || leads(second));
  assert.ok(!(leads(first) && leads(second)), "one at a time");
  const [leader, other] = leads(first) ? [first, second] : [second, first];
  leader.child.kill("SIGKILL");
  await cluster.create(session("one"));
  await until("the Pod", () => cluster.get("pod", "one"));
  assert.ok(leads(other));
});

test("controllers that are killed in the middle leave nothing undone, and nothing over", async (t) => {
  const cluster = await clusterFor(t);
  await cluster.create(template("terminal", { baseImage: "registry.example/terminal:1" }));
  const all = Array.from({ length: 40 }, (_, number) => `s${number}`);
  await cluster.kubectl(["create", "--filename", "-"], all.map((name) => session(name)));
  const steps = [
    () => cluster.kubectl(["delete", "sessions", "--wait=false", ...all.slice(0, 10)]),
    () => Promise.all(all.slice(10, 20).map((name) => want(cluster, name, "hibernated"))),
    () => Promise.all(all.slice(15, 25).map((name) => want(cluster, name, "hibernated"))),
    () => Promise.all(all.slice(10, 15).map((name) => want(cluster, name, "running"))),
  ];
  for (let kill = 0; kill < 50; kill++) {
    // Nobody waits for the lease of one that was killed.
    await cluster.kubectl(["delete", "lease", "streamspace-controller", "--ignore-not-found"]);
    const replica = controller(t, cluster, `c${kill}`, SETTINGS);
    await until("it to lead", () => replica.stderr.includes("leading"));
    if (kill % 10 === 5) await steps.shift()?.();
    // Not by a clock's chance alone: every kill is at another moment of the work.
    await new Promise((done) => setTimeout(done, (kill * 37) % 400));
    replica.child.kill("SIGKILL");
    await replica.exit;
  }
  await cluster.kubectl(["delete", "lease", "streamspace-controller", "--ignore-not-found"]);
  controller(t, cluster, "last", SETTINGS);
  const runs = [...all.slice(10, 15), ...all.slice(25)].sort();
  await until("the Pods of those that run, and no others", async () => JSON.stringify(await names(cluster, "pods")) === JSON.stringify(runs));
  await until("the rest to be as they are wanted", async () => {
    const { items } = await cluster.get("sessions");
    const phases = items.map(({ metadata, status }) => `${metadata.name} ${status.phase}`);
    return items.length === 30 && all.slice(15, 25).every((name) => phases.includes(`${name} Hibernated`));
  });
  const left = [...all.slice(10)].sort();
  await until("the keys of those that are there, and no others", async () => {
    const secrets = (await names(cluster, "secrets")).map((name) => name.replace(/-keys$/, ""));
    return JSON.stringify(secrets) === JSON.stringify(left);
  });
  await until("the homes of those that are there, and no others", async () => {
    const homes = (await names(cluster, "persistentvolumeclaims")).map((name) => name.replace(/-home$/, ""));
    return JSON.stringify(homes) === JSON.stringify(left);
  });
});

test("a controller that starts again leaves alone what is as it should be", async (t) => {
  const cluster = await clusterFor(t);
  await cluster.create(template("terminal", { baseImage: "registry.example/terminal:1" }));
  const first = controller(t, cluster, "first", SETTINGS);
  const all = Array.from({ length: 20 }, (_, number) => `s${number}`);
  await cluster.kubectl(["create", "--filename", "-"], all.map((name) => session(name)));
  await until("the Pods", async () => (await names(cluster, "pods")).length === all.length);
  // As a node would say.
  const ready = JSON.stringify({
    status: { phase: "Running", podIP: "10.9.9.9", podIPs: [{ ip: "10.9.9.9" }], conditions: [{ type: "Ready", status: "True" }] },
  });
  for (const name of all) await cluster.kubectl(["patch", "pod", name, "--subresource=status", "--type=merge", "--patch", ready]);
  const versions = async () => (await cluster.get("sessions", ...all)).items.map(({ metadata, status }) => `${metadata.resourceVersion} ${status?.phase}`);
  const before = await until("all to run", async () => {
    const now = await versions();
    return now.every((version) => version.endsWith(" Running")) && now;
  });
  first.child.kill("SIGTERM");
  assert.equal((await first.exit).code, 0, first.stderr);
  controller(t, cluster, "second", SETTINGS);
  await cluster.create(session("later"));
  await until("the later one's Pod", () => cluster.get("pod", "later"));
  assert.deepEqual(await versions(), before);
});
