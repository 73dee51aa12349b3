// What the gateway's relay of VNC carries and costs beside websockify's, and what idle WebSockets take.

import { createInterface } from "node:readline";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { temporaryFolder } from "../cleanup.mjs";
import { startWebsockify } from "../peers/websockify.mjs";
import { freePort } from "../port.mjs";
import { startProgram } from "../programs.mjs";
import { percentile } from "../statistics.mjs";

const LOAD = process.env.STREAMSPACE_GATEWAY_LOAD;
const GB = 1e9;
/** A process of websockify's for each: more than this many are no measurement but a test of the machine's memory. */
const WEBSOCKIFY_COUNT = 500;

/** `{ relay: [{ product, mbPerSecond, cpuPerGb }], idle: [{ product, wanted, open, kb, cpu, joins }] }` */
export async function measureGateway({ relayRounds, relaySeconds, idleSockets, restSeconds }, log) {
  const desk = await startDesk();
  try {
    log("VNC relay");
    const relay = await measureRelay(desk, relayRounds, relaySeconds);
    const idle = [];
    for (const [product, count] of [["StreamSpace", idleSockets], ["websockify", WEBSOCKIFY_COUNT]]) {
      log(`${count} idle WebSockets, ${product}`);
      idle.push({ product, ...(await measureIdle(desk[product], count, restSeconds)) });
    }
    return { relay, idle };
  } finally {
    await desk.stop();
  }
}

/** A session, and both gateways in front of it: `{ address, pid, flags }` each. */
async function startDesk() {
  const folder = await temporaryFolder();
  const [vnc, port] = [await freePort("127.0.0.1"), await freePort("127.0.0.1")];
  const session = await start(["session", folder.path, "--open-vnc", `127.0.0.1:${vnc}`]);
  const gateway = await start(["serve", folder.path]);
  const websockify = await startWebsockify(port, vnc);
  await delay(2000);
  const stop = async () => {
    for (const { program } of [session, gateway]) await program.stop();
    await websockify.stop();
    folder.remove();
  };
  return {
    StreamSpace: { address: gateway.line.split(" ")[1], pid: gateway.program.pid, flags: [] },
    websockify: { address: `127.0.0.1:${port}`, pid: websockify.pid, flags: ["--bare"] },
    stop,
  };
}

/** Starts a part of the load, and waits for its first line. */
async function start(args) {
  const program = startProgram(LOAD, args);
  const lines = createInterface({ input: program.child.stdout })[Symbol.asyncIterator]();
  const { value: line } = await lines.next();
  if (line === undefined) throw new Error(`${args[0]} ended: ${program.stderr}`);
  return { program, line, next: async () => (await lines.next()).value };
}

async function measureRelay(desk, rounds, seconds) {
  const samples = { StreamSpace: [], websockify: [] };
  for (let round = 0; round < rounds; round++) {
    for (const product of Object.keys(samples)) samples[product].push(await drain(desk[product], seconds));
  }
  return Object.entries(samples).map(([product, rounds]) => ({
    product,
    mbPerSecond: percentile(rounds.map(({ bytes, seconds }) => bytes / 1e6 / seconds), 0.5),
    cpuPerGb: percentile(rounds.map(({ bytes, cpu }) => cpu / (bytes / GB)), 0.5),
    rounds,
  }));
}

async function drain({ address, pid, flags }, seconds) {
  const client = await start(["drain", address, "--seconds", `${seconds}`, ...flags]);
  const processes = await family(pid);
  const before = await cpuSeconds(processes);
  // websockify's process for this client ends with it.
  await delay(seconds * 900);
  const cpu = ((await cpuSeconds(processes)) - before) / 0.9;
  const line = await client.next();
  await client.program.exit;
  if (line === undefined) throw new Error(`the client ended: ${client.program.stderr}`);
  return { ...JSON.parse(line), cpu };
}

async function measureIdle({ address, pid, flags }, count, seconds) {
  const before = await memoryKb(await family(pid));
  const client = await start(["idle", address, "--count", `${count}`, ...flags]);
  try {
    const { open, seconds: took, failure } = JSON.parse(client.line);
    await delay(2000);
    const processes = await family(pid);
    const [after, cpuBefore] = [await memoryKb(processes), await cpuSeconds(processes)];
    await delay(seconds * 1000);
    const cpu = (100 * ((await cpuSeconds(processes)) - cpuBefore)) / seconds;
    return { wanted: count, open, failure, kb: (after - before) / open, cpu, joins: open / took };
  } finally {
    client.program.child.stdin.end();
    await client.program.exit;
  }
}

/** A process and those that it has started. */
async function family(pid) {
  const tasks = await readdir(`/proc/${pid}/task`);
  const children = await Promise.all(tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, "utf8")));
  return [pid, ...children.join(" ").split(" ").filter(Boolean).map(Number)];
}

/** Proportional set size: what processes share is counted once. */
const memoryKb = (pids) =>
  sum(pids, async (pid) => Number(/^Pss:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/smaps_rollup`, "utf8"))[1]));

/** Of all threads, as the scheduler counts it. */
const cpuSeconds = (pids) =>
  sum(pids, async (pid) => {
    const threads = await readdir(`/proc/${pid}/task`);
    return sum(threads, async (thread) => {
      const account = await readFile(join(`/proc/${pid}/task`, thread, "schedstat"), "utf8").catch(() => "0");
      return Number(account.split(" ")[0]) / 1e9;
    });
  });

async function sum(items, of) {
  const values = await Promise.all(items.map(of));
  return values.reduce((total, value) => total + value, 0);
}
