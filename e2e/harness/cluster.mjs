// A real Kubernetes of a test's own. It ends with the test, however that ends.

import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { start } from "./server.mjs";
import { until } from "./wait.mjs";

const execute = promisify(execFile);
const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const program = join(root, "e2e/cluster/cluster");

/** The definitions that the chart installs. */
export const definitions = join(root, "charts/streamspace/crds");

/** A node without a machine: nothing runs there, but the scheduler counts with what it has. */
export function fakeNode(name, capacity) {
  const amounts = { cpu: "8", memory: "32Gi", pods: "110", ...capacity };
  const conditions = [{ type: "Ready", status: "True", reason: "Fake" }];
  return { apiVersion: "v1", kind: "Node", metadata: { name }, status: { capacity: amounts, allocatable: amounts, conditions } };
}

export const pod = (name, spec) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: { terminationGracePeriodSeconds: 1, ...spec },
});

export class Cluster {
  /** Of level `api`, `nodes` or `node`; `e2e/cluster/cluster` tells what each has. */
  static async start(level, { env } = {}) {
    const cluster = new Cluster();
    cluster.state = await mkdtemp(join(tmpdir(), "streamspace-e2e-cluster-"));
    const args = ["up", "--level", level, "--state", cluster.state, "--until-stdin-closes"];
    cluster.starter = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, ...env } });
    let complaints = "";
    cluster.starter.stderr.on("data", (data) => (complaints += data));
    cluster.exit = new Promise((done) => cluster.starter.on("close", done));
    const lines = createInterface(cluster.starter.stdout)[Symbol.asyncIterator]();
    cluster.kubeconfig = (await lines.next()).value;
    if (!cluster.kubeconfig) {
      await cluster.stop();
      throw new Error(complaints);
    }
    return cluster;
  }

  /** What kubectl prints; it fails with what it says. `input` is a manifest, or several. */
  async kubectl(args, input) {
    const running = execute(program, ["kubectl", "--state", this.state, "--", ...args], { maxBuffer: 64 << 20 });
    if (input) running.child.stdin.end([input].flat().map((object) => JSON.stringify(object)).join("\n---\n"));
    return (await running).stdout;
  }

  /** Objects as the API server has them. */
  async get(...args) {
    return JSON.parse(await this.kubectl(["get", ...args, "--output", "json"]));
  }

  /** Makes an object, and gives it back as the API server has it. */
  async create(object) {
    return JSON.parse(await this.kubectl(["create", "--filename", "-", "--output", "json"], object));
  }

  /** Gives the node an image with a folder's files. */
  import(folder, name) {
    return execute(program, ["import", "--state", this.state, folder, name]);
  }

  /** Puts away what a supervisor that was killed could not. */
  down() {
    return execute(program, ["down", "--state", this.state]);
  }

  async stop() {
    this.starter.stdin.end();
    const code = await this.exit;
    // Where another cluster took its place, nobody else has removed it.
    await rm(this.state, { recursive: true, force: true });
    return code;
  }
}

/** A session of this template that is somebody's. */
export const session = (name, spec) => ({
  apiVersion: "stream.space/v1alpha1",
  kind: "Session",
  metadata: { name },
  spec: { user: "admin", template: "terminal", ...spec },
});

export const template = (name, spec) => ({
  apiVersion: "stream.space/v1alpha1",
  kind: "Template",
  metadata: { name },
  spec: { displayName: name, ...spec },
});

export const group = (name, spec) => ({ apiVersion: "stream.space/v1alpha1", kind: "Group", metadata: { name }, spec });

export const user = (name, spec) => ({ apiVersion: "stream.space/v1alpha1", kind: "User", metadata: { name }, spec });

/** A replica of the controller. It ends with the test. */
export function controller(t, cluster, identity, settings) {
  const replica = start(["run", "--identity", identity, ...settings], {
    program: "streamspace-controller",
    env: { KUBECONFIG: cluster.kubeconfig },
  });
  t.after(async () => {
    replica.child.kill("SIGTERM");
    await replica.exit;
  });
  return replica;
}

/** Asks for a session's state, as a person with kubectl does. */
export const want = (cluster, name, state) =>
  cluster.kubectl(["patch", "session", name, "--type=merge", "--patch", JSON.stringify({ spec: { state } })]);

/** Installs our definitions. */
export async function define(cluster) {
  await cluster.kubectl(["apply", "--filename", definitions]);
  await cluster.kubectl(["wait", "--for=condition=Established", "--all", "crd", "--timeout=60s"]);
  await until("the namespace's service account", () => cluster.get("serviceaccount", "default"));
}
