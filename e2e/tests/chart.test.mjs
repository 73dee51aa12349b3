// The Helm chart: what it makes of values, and that a real API server takes that.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Cluster, define } from "../harness/cluster.mjs";

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
  await define(cluster).catch((error) => {
    // At this level nobody makes service accounts; the definitions are there by then.
    if (!/service account/.test(error.message)) throw error;
  });
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
