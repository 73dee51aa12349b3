// The Kubernetes that other tests stand on: what each of its levels does, and that nothing of it stays.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, mkdir, readdir, readFile, readlink, realpath, symlink } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isDeepStrictEqual, promisify } from "node:util";
import { Cluster, definitions, fakeNode, pod } from "../harness/cluster.mjs";
import { temporaryFolder } from "../harness/server.mjs";
import { until } from "../harness/wait.mjs";

const execute = promisify(execFile);

// These tests are of our own cluster, whichever takes its place in others.
delete process.env.KUBECONFIG;
delete process.env.KUBEBUILDER_ASSETS;

async function clusterFor(t, level) {
  const cluster = await Cluster.start(level);
  t.after(() => cluster.stop());
  return cluster;
}

const session = (name, spec) => ({ apiVersion: "stream.space/v1alpha1", kind: "Session", metadata: { name }, spec });

test("an API server takes our definitions, and refuses a wrong session", async (t) => {
  const cluster = await clusterFor(t, "api");
  await cluster.kubectl(["create", "--filename", definitions]);
  await cluster.kubectl(["wait", "--for=condition=Established", "--timeout=30s", "--all", "crd"]);
  const made = await cluster.create(session("right", { user: "ada", template: "xfce" }));
  assert.equal(made.spec.display.width, 1280, "what is left out has a default");
  await assert.rejects(
    cluster.create(session("wrong", { user: "ada", display: { width: 1281 } })),
    /spec.display.width: Invalid value: 1281/,
  );
  const { items } = await cluster.get("sessions");
  assert.deepEqual(items.map((item) => item.metadata.name), ["right"]);
});

test("clusters start side by side and know nothing of one another", async (t) => {
  const clusters = await Promise.all([clusterFor(t, "api"), clusterFor(t, "api")]);
  await clusters[0].kubectl(["create", "namespace", "first"]);
  const names = (await clusters[1].get("namespaces")).items.map((item) => item.metadata.name);
  assert.ok(names.includes("default") && !names.includes("first"), names.join());
});

test("programs that are given take the place of ours, and so does a cluster", async (t) => {
  const ours = await clusterFor(t, "api");
  const assets = await temporaryFolder(t);
  for (const name of ["etcd", "kube-apiserver", "kubectl"]) {
    await symlink(await realpath(join(ours.state, "bin", name)), join(assets, name));
  }
  const theirs = await Cluster.start("api", { env: { KUBEBUILDER_ASSETS: assets } });
  t.after(() => theirs.stop());
  assert.equal(await readlink(join(theirs.state, "bin/kube-apiserver")), join(assets, "kube-apiserver"));
  assert.ok((await theirs.get("namespaces")).items.length > 0);
  await assert.rejects(Cluster.start("nodes", { env: { KUBEBUILDER_ASSETS: assets } }), /which is level api/);

  const given = await Cluster.start("api", { env: { KUBECONFIG: ours.kubeconfig } });
  assert.equal(given.kubeconfig, ours.kubeconfig);
  assert.equal(await given.stop(), 0);
  assert.ok((await ours.get("namespaces")).items.length > 0, "it is still there");
});

test("a service account may do what its roles say, and no more", async (t) => {
  const cluster = await clusterFor(t, "api");
  await cluster.kubectl(["create", "serviceaccount", "reader"]);
  await cluster.kubectl(["create", "role", "reads", "--verb=list", "--resource=configmaps"]);
  await cluster.kubectl(["create", "rolebinding", "reader-reads", "--role=reads", "--serviceaccount=default:reader"]);
  const token = (await cluster.kubectl(["create", "token", "reader"])).trim();
  const server = JSON.parse(await cluster.kubectl(["config", "view", "--output", "json"])).clusters[0].cluster.server;
  // Our kubeconfig has a token, which goes before another that is given beside it.
  const as = (...args) =>
    cluster.kubectl(["--kubeconfig=/dev/null", `--server=${server}`, `--certificate-authority=${cluster.state}/ca.crt`, `--token=${token}`, ...args]);
  await as("get", "configmaps");
  await assert.rejects(as("get", "secrets"), /cannot list resource "secrets"/);
});

test("what an object owned is collected after it", async (t) => {
  const cluster = await clusterFor(t, "nodes");
  const configMap = (name, owners) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, ownerReferences: owners } });
  const owner = await cluster.create(configMap("owner"));
  const reference = { apiVersion: "v1", kind: "ConfigMap", name: "owner", uid: owner.metadata.uid };
  await cluster.create(configMap("owned", [reference]));
  await cluster.kubectl(["delete", "configmap", "owner"]);
  await until("the owned object to go", async () => {
    const { items } = await cluster.get("configmaps", "--field-selector=metadata.name=owned");
    return items.length === 0;
  });
});

test("the scheduler fills a node without a machine, and leaves one pod too many waiting", async (t) => {
  const cluster = await clusterFor(t, "nodes");
  await cluster.create(fakeNode("fake", { "stream.space/encoders": "2" }));
  await until("the namespace's service account", () => cluster.get("serviceaccount", "default"));
  const resources = { limits: { "stream.space/encoders": "1" } };
  for (const name of ["first", "second", "third"]) {
    await cluster.create(pod(name, { containers: [{ name: "app", image: "localhost/none:1", resources }] }));
  }
  const waiting = await until("two to be placed and one to wait", async () => {
    const { items } = await cluster.get("pods");
    const placed = items.filter((item) => item.spec.nodeName === "fake");
    const refused = items.filter((item) => item.status.conditions?.some((condition) => condition.reason === "Unschedulable"));
    return placed.length === 2 && refused.length === 1 && refused[0];
  });
  assert.match(waiting.status.conditions[0].message, /Insufficient stream.space\/encoders/);
  assert.equal(waiting.status.phase, "Pending");
});

/** Processes that run a cluster's programs or have its folder in their arguments. */
async function processesOf(state) {
  const found = [];
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (command.includes(state)) found.push(`${pid} ${command.replaceAll("\0", " ")}`);
  }
  return found;
}

async function nothingIsLeft(state) {
  await until("the cluster's processes to end", async () => (await processesOf(state)).length === 0);
  await until("its folder to go", () => !existsSync(state));
}

test("a starter that is killed leaves nothing", async (t) => {
  const cluster = await clusterFor(t, "api");
  assert.ok((await processesOf(cluster.state)).length > 2);
  cluster.starter.kill("SIGKILL");
  await nothingIsLeft(cluster.state);
});

test("a supervisor that is killed takes its programs along", async (t) => {
  const cluster = await clusterFor(t, "api");
  process.kill(Number(await readFile(join(cluster.state, "supervisor.pid"), "utf8")), "SIGKILL");
  await cluster.exit;
  await until("the cluster's processes to end", async () => (await processesOf(cluster.state)).length === 0);
});

const obstacle = process.getuid() === 0 ? false : "a node that runs pods needs root";

/** What a node might change of the machine. */
async function machine() {
  const settings = ["vm/overcommit_memory", "vm/panic_on_oom", "kernel/panic", "kernel/panic_on_oops", "net/ipv4/ip_forward"];
  const groups = await execute("find", ["/sys/fs/cgroup", "-type", "d", "-name", "*streamspace-cluster*"]);
  const { stdout: devices } = await execute("ip", ["--brief", "address"]);
  const { stdout: routes } = await execute("ip", ["route"]);
  return {
    settings: await Promise.all(settings.map((name) => readFile(`/proc/sys/${name}`, "utf8"))),
    mounts: await readFile("/proc/self/mounts", "utf8"),
    folders: await Promise.all(["/run", "/var/lib", "/var/log", "/opt", "/etc"].map((path) => readdir(path))),
    groups: groups.stdout,
    devices,
    routes,
  };
}

/** The kernel takes a network namespace apart a moment after its last process. */
async function machineBecomes(expected) {
  const same = () => machine().then((now) => isDeepStrictEqual(now, expected));
  await until("the machine to be as it was", same).catch(async () => assert.deepEqual(await machine(), expected));
}

/** A folder with busybox and the names by which it is called. */
async function busybox(t) {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, "bin"));
  await copyFile("/usr/bin/busybox", join(folder, "bin/busybox"));
  for (const name of ["sh", "cat", "sleep", "httpd", "wget"]) await symlink("busybox", join(folder, "bin", name));
  return folder;
}

test("a real node runs a pod of two containers, and leaves the machine as it was", { skip: obstacle }, async (t) => {
  const before = await machine();
  const cluster = await clusterFor(t, "node");
  await cluster.import(await busybox(t), "localhost/busybox:1");
  const container = (name, command) => ({
    name,
    image: "localhost/busybox:1",
    imagePullPolicy: "Never",
    command: ["/bin/sh", "-c", command],
    volumeMounts: [{ name: "shared", mountPath: "/shared" }],
  });
  await until("the namespace's service account", () => cluster.get("serviceaccount", "default"));
  await cluster.create(
    pod("two", {
      containers: [
        container("writer", "echo written >/shared/file; echo said; exec sleep 1000"),
        container("reader", "until cat /shared/file; do sleep 0.1; done; exec httpd -f -p 8080 -h /shared"),
      ],
      volumes: [{ name: "shared", emptyDir: {} }],
    }),
  );
  await cluster.kubectl(["wait", "--for=condition=Ready", "--timeout=60s", "pod/two"]);

  await t.test("logs and exec work", async () => {
    const logs = (name) => cluster.kubectl(["logs", "two", "--container", name]);
    assert.equal(await logs("writer"), "said\n");
    await until("the reader's line", async () => (await logs("reader")).endsWith("written\n"));
    assert.equal(await cluster.kubectl(["exec", "two", "--container=reader", "--", "cat", "/shared/file"]), "written\n");
  });

  await t.test("the pod and a service before it are reached from the machine", async () => {
    const { status } = await cluster.get("pod", "two");
    const body = async (address) => (await fetch(`http://${address}:8080/file`)).text();
    assert.equal(await until("an answer", () => body(status.podIP)), "written\n");
    await cluster.kubectl(["label", "pod", "two", "app=two"]);
    await cluster.kubectl(["create", "service", "clusterip", "two", "--tcp=8080"]);
    const service = await cluster.get("service", "two");
    assert.equal(await until("an answer", () => body(service.spec.clusterIP)), "written\n");
  });

  await t.test("pods reach services, and the API server by its service", async () => {
    const inside = (command) => cluster.kubectl(["exec", "two", "--container=writer", "--", "/bin/sh", "-c", command]);
    const { clusterIP } = (await cluster.get("service", "two")).spec;
    assert.equal(await inside(`wget -qO- http://${clusterIP}:8080/file`), "written\n");
    // Busybox speaks no TLS that the API server does: that it says so shows that it was reached.
    assert.match(await inside("wget -O- http://$KUBERNETES_SERVICE_HOST:443 2>&1 || true"), /400 Bad Request/);
  });

  assert.equal(await cluster.stop(), 0);
  await nothingIsLeft(cluster.state);
  await machineBecomes(before);
});

test("a node whose supervisor is killed leaves no process, mount or device", { skip: obstacle }, async (t) => {
  const before = await machine();
  const cluster = await Cluster.start("node");
  t.after(() => cluster.stop());
  const supervisor = Number(await readFile(join(cluster.state, "supervisor.pid"), "utf8"));
  process.kill(supervisor, "SIGKILL");
  await cluster.exit;
  await until("the cluster's processes to end", async () => (await processesOf(cluster.state)).length === 0);
  const { groups } = await machine();
  assert.notEqual(groups, before.groups, "groups have no process that they could go with");
  await machineBecomes({ ...before, groups });
  await cluster.down();
  await machineBecomes(before);
});
