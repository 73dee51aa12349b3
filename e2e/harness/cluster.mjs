// A real Kubernetes of a test's own. It ends with the test, however that ends.

import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

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
