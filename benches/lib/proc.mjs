// What processes cost, from /proc.

import { readFile, readdir } from "node:fs/promises";

/** Clock ticks a second of /proc's times: the same on every Linux that Node runs on. */
const TICKS = 100;

async function statOf(pid) {
  const text = await readFile(`/proc/${pid}/stat`, "utf8");
  // The name may hold spaces and brackets.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const name = text.slice(text.indexOf("(") + 1, text.lastIndexOf(")"));
  const ticks = Number(fields[11]) + Number(fields[12]);
  return { pid, name, parent: Number(fields[1]), seconds: Math.max(ticks / TICKS, await secondsOfThreads(pid)) };
}

/**
 * CPU seconds of the threads that a process has now. They are exact, where the process's own account is
 * in ticks of 10 ms, which is much for one that rests; but that one knows of threads that have ended.
 */
async function secondsOfThreads(pid) {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const accounts = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/schedstat`, "utf8").catch(() => "0")),
  );
  return accounts.reduce((sum, account) => sum + Number(account.split(" ")[0]), 0) / 1e9;
}

async function allProcesses() {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map((pid) => statOf(pid).catch(() => null)));
  return found.filter((process) => process !== null);
}

/** CPU seconds that a process has taken so far. */
export async function cpuSeconds(pid) {
  return (await statOf(pid)).seconds;
}

/** These processes and all that descend from them, without the scenes that they show. */
async function family(roots) {
  const all = await allProcesses();
  const members = new Set(roots);
  let before = 0;
  while (members.size > before) {
    before = members.size;
    for (const { pid, parent } of all) if (members.has(parent)) members.add(pid);
  }
  return all.filter(({ pid, name }) => members.has(pid) && name !== "scene");
}

const isXServer = ({ name }) => /^X(vnc|tigervnc|vfb|org)/.test(name);

/**
 * Measures, while `work` runs, the percent of one core that the family of these processes takes:
 * the X server, and everything else.
 */
export async function cpuDuring(roots, work) {
  const [before, began] = [await family(roots), performance.now()];
  const result = await work();
  const [after, seconds] = [await family(roots), (performance.now() - began) / 1000];
  const earlier = new Map(before.map(({ pid, seconds }) => [pid, seconds]));
  const percent = (processes) =>
    (100 * processes.reduce((sum, { pid, seconds }) => sum + seconds - (earlier.get(pid) ?? 0), 0)) / seconds;
  const xserver = percent(after.filter(isXServer));
  const server = percent(after.filter((process) => !isXServer(process)));
  return { result, cpu: { server, xserver, total: server + xserver } };
}

/** The browsers that this run has started. */
export async function browserRoots() {
  const all = await allProcesses();
  return all.filter(({ parent, name }) => parent === process.pid && name.startsWith("chrom")).map(({ pid }) => pid);
}

/** Memory in MB of the largest process that is no X server: what streams. */
export async function memoryOf(roots) {
  const members = (await family(roots)).filter((process) => !isXServer(process));
  const sizes = await Promise.all(members.map(sizeOf));
  return sizes.reduce((most, size) => (size.pssMb > most.pssMb ? size : most));
}

/** Memory in MB of the whole family, shared pages counted once. */
export async function totalMemoryOf(roots) {
  const sizes = await Promise.all((await family(roots)).map(sizeOf));
  return sizes.reduce((sum, { pssMb }) => sum + pssMb, 0);
}

async function sizeOf({ pid, name }) {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => "");
  const field = (key) => Number(text.match(new RegExp(`^${key}:\\s+(\\d+) kB`, "m"))?.[1] ?? 0) / 1024;
  return { name, pssMb: field("Pss"), rssMb: field("Rss") };
}
