// The Helm chart: what it makes of values, and that a real API server takes that.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Cluster, define, definitions, session, template } from "../harness/cluster.mjs";
import { image } from "../harness/images.mjs";
import { until } from "../harness/wait.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const chart = join(root, "charts/streamspace");
const golden = (name) => join(root, "e2e/golden", name);
const rich = ["--values", golden("chart-rich-values.yaml")];

/** What Helm prints; it fails with what it says. */
async function helm(args, env) {
  const options = { env: { ...process.env, ...env }, maxBuffer: 16 << 20 };
  return (await promisify(execFile)(join(root, "e2e/cluster/cluster"), ["helm", ...args], options)).stdout;
}

const render = (...args) => helm(["template", "one", chart, "--namespace", "desks", ...args]);

test("the chart has no fault that Helm knows, and makes what it made", async () => {
  await helm(["lint", "--strict", chart]);
  assert.equal(await render(), await readFile(golden("chart-default.yaml"), "utf8"));
  assert.equal(await render(...rich), await readFile(golden("chart-rich.yaml"), "utf8"));
});

test("values that mean nothing are refused by their names", async () => {
  const refused = (value, error) => assert.rejects(render("--set", value), error);
  await refused("gateway.replica=3", /replica/);
  await refused("gateway.replicas=0", /replicas/);
  await refused("sessions.imagePullPolicy=Sometimes", /imagePullPolicy/);
  await refused("turn.builtIn.enabled=true", /gateway\.replicas=1/);
  await refused("turn.urls={turn:turn.example.org}", /turn\.secretName/);
});

test("an API server installs it, and its accounts may do what the documents list", async (t) => {
  const cluster = await Cluster.start("api");
  t.after(() => cluster.stop());
  // Nobody makes service accounts at this level, so `define` would wait for ever.
  await cluster.kubectl(["apply", "--filename", definitions]);
  await cluster.kubectl(["wait", "--for=condition=Established", "--all", "crd", "--timeout=60s"]);
  const args = ["--values", golden("chart-rich-values.yaml"), "--set", "httpRoute.enabled=false,serviceMonitor.enabled=false"];
  await helm(["install", "one", chart, "--skip-crds", ...args], { KUBECONFIG: cluster.kubeconfig });
  const { items } = await cluster.get("networkpolicies");
  assert.deepEqual(items.map((item) => item.metadata.name).sort(), ["one-sessions", "one-template-terminal"]);
  assert.equal((await cluster.get("template", "terminal")).spec.displayName, "Terminal");

  const may = (account, verb, resource) =>
    cluster
      .kubectl(["auth", "can-i", verb, resource, `--as=system:serviceaccount:default:one-${account}`])
      .then(() => true, (error) => (error.stdout.trim() === "no" ? false : Promise.reject(error)));
  assert.equal(await may("controller", "create", "pods"), true);
  assert.equal(await may("controller", "patch", "sessions.stream.space/status"), true);
  assert.equal(await may("controller", "get", "secrets"), false);
  assert.equal(await may("gateway", "get", "secrets"), true);
  assert.equal(await may("gateway", "list", "secrets"), false);
  assert.equal(await may("gateway", "create", "pods"), false);
});

const skip = process.getuid() === 0 ? false : "a node that runs pods needs root";

test("two installed controllers run with the chart's rights alone, and make a session's Pod", { skip }, async (t) => {
  const cluster = await Cluster.start("node");
  t.after(() => cluster.stop());
  await define(cluster);
  const name = await image(t, cluster, "controller");
  const values = [`controller.image=${name}`, "controller.imagePullPolicy=Never", "sessions.imagePullPolicy=Never"];
  await helm(["install", "one", chart, "--skip-crds", "--set", values.join()], { KUBECONFIG: cluster.kubeconfig });
  await cluster.kubectl(["rollout", "status", "deployment/one-controller", "--timeout=120s"]);
  await cluster.create(template("terminal", { baseImage: "localhost/none:1", command: ["xterm"] }));
  await cluster.create(session("first"));
  const pod = await until("the session's Pod", () => cluster.get("pod", "first"), 60_000);
  assert.equal(pod.metadata.labels["app.kubernetes.io/component"], "session", "by which the network policy finds it");
  const state = async () => (await cluster.get("session", "first")).status?.conditions?.find(({ type }) => type === "Ready");
  // There is no volume for its home.
  await until("the session's status to say why it waits", async () => (await state())?.status === "False", 60_000);
  await cluster.kubectl(["delete", "session", "first", "--timeout=60s"]);
  const selector = "--selector=app.kubernetes.io/component=controller";
  const log = await cluster.kubectl(["logs", selector, "--tail=-1"]);
  assert.match(log, /leading/);
  assert.doesNotMatch(log, /[Ff]orbidden/);
});
