// The machine seen from outside: a session's processes, display and files.

import { execFile } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import { promisify } from "node:util";

const execute = promisify(execFile);

async function environOf(pid) {
  const text = await readFile(`/proc/${pid}/environ`, "utf8");
  return Object.fromEntries(
    text.split("\0").filter(Boolean).map((entry) => {
      const split = entry.indexOf("=");
      return [entry.slice(0, split), entry.slice(split + 1)];
    }),
  );
}

/** Process ids whose environment names this session. */
export async function processesOf(session) {
  const found = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const environ = await environOf(name).catch(() => ({}));
    if (environ.STREAMSPACE_SESSION === session) found.push(Number(name));
  }
  return found;
}

/** The environment of the session's program: DISPLAY, XAUTHORITY, PULSE_SERVER and so on. */
export function environmentOf(session) {
  return environOf(session.processes.program);
}

/** Runs a program inside a session; gives its output. */
export async function inside(session, command, args = []) {
  const env = await environmentOf(session);
  const { stdout } = await execute(command, args, { env: { ...process.env, ...env }, timeout: 10_000 });
  return stdout;
}

/** The desktop's size in pixels. */
export async function displaySize(session) {
  const match = (await inside(session, "xdpyinfo")).match(/dimensions:\s+(\d+)x(\d+)/);
  return { width: Number(match[1]), height: Number(match[2]) };
}

/** The System V shared-memory segments of the machine. */
export async function sharedMemory() {
  const lines = (await readFile("/proc/sysvipc/shm", "utf8")).trim().split("\n").slice(1);
  return lines.map((line) => line.trim().split(/\s+/)[1]);
}

/** X sockets and lock files of the machine. */
export async function displays() {
  const sockets = await readdir("/tmp/.X11-unix").catch(() => []);
  const locks = (await readdir("/tmp")).filter((name) => /^\.X\d+-lock$/.test(name));
  return [...sockets, ...locks].sort();
}
