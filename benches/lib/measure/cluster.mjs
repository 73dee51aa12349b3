// What the controller costs as sessions become many.

import { setTimeout as delay } from "node:timers/promises";
import { Cluster, define, session, template } from "../../../e2e/harness/cluster.mjs";
import { start } from "../../../e2e/harness/server.mjs";
import { cpuSeconds, totalMemoryOf } from "../proc.mjs";

const REST_SECONDS = 10;
/** How often it is looked, which the API server must serve, too. */
const LOOK_MS = 500;
/** Manifests in one call of kubectl. */
const BATCH = 500;

/** `[{ sessions, made, perSecond, cpuPerSession, mb, restCpu, ended }]`, each in a cluster of its own. */
export async function measureCluster({ clusterSessions }, log) {
  const entries = [];
  for (const sessions of clusterSessions) {
    log(`controller with ${sessions} sessions`);
    entries.push({ sessions, ...(await measure(sessions)) });
  }
  return entries;
}

async function measure(sessions) {
  const cluster = await Cluster.start("nodes");
  const controller = startController(cluster);
  try {
    await define(cluster);
    await cluster.create(template("terminal", { baseImage: "registry.example/terminal:1" }));
    const { pid } = controller.child;
    const names = Array.from({ length: sessions }, (_, number) => `s${number}`);
    const [began, before] = [performance.now(), await cpuSeconds(pid)];
    for (let first = 0; first < sessions; first += BATCH) {
      const manifests = names.slice(first, first + BATCH).map((name) => session(name));
      await cluster.kubectl(["create", "--filename", "-"], manifests);
    }
    const made = await until(began, async () => (await count(cluster, "pods")) === sessions);
    const cpu = (await cpuSeconds(pid)) - before;
    const rest = await cpuSeconds(pid);
    await delay(1000 * REST_SECONDS);
    const restCpu = (100 * ((await cpuSeconds(pid)) - rest)) / REST_SECONDS;
    const mb = await totalMemoryOf([pid]);
    const end = performance.now();
    await cluster.kubectl(["delete", "sessions", "--all", "--wait=false"]);
    const ended = await until(end, async () => (await count(cluster, "sessions")) === 0);
    return { made, perSecond: sessions / made, cpuPerSession: (1000 * cpu) / sessions, mb, restCpu, ended };
  } finally {
    controller.child.kill("SIGTERM");
    await controller.exit;
    await cluster.stop();
  }
}

function startController(cluster) {
  return start(["run", "--display-image", "registry.example/display:1", "--identity", "bench", "--log", "warn"], {
    program: "streamspace-controller",
    env: { KUBECONFIG: cluster.kubeconfig },
  });
}

/** Seconds since then until it is so. */
async function until(then, isSo) {
  while (!(await isSo())) await delay(LOOK_MS);
  return (performance.now() - then) / 1000;
}

async function count(cluster, kind) {
  return (await cluster.kubectl(["get", kind, "--output", "name"])).split("\n").length - 1;
}
