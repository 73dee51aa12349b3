// A PostgreSQL server of the run's own, on a socket in a temporary folder, as it is set up by default.

import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { chown, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atExit } from "./cleanup.mjs";
import { runProgram } from "./programs.mjs";

/** Where Debian has the server's programs, the newest version's. */
function binaries() {
  const root = "/usr/lib/postgresql";
  return join(root, readdirSync(root).sort((a, b) => b - a)[0], "bin");
}

/** Gives its address, and how it is stopped. */
export async function startPostgres() {
  const folder = await mkdtemp(join(tmpdir(), "streamspace-bench-pg-"));
  const isRoot = process.getuid() === 0;
  // The server refuses to be root.
  const user = isRoot ? "postgres" : (await runProgram("id", ["-un"])).trim();
  if (isRoot) {
    const [uid, gid] = await Promise.all(["-u", "-g"].map(async (part) => Number(await runProgram("id", [part, user]))));
    await chown(folder, uid, gid);
  }
  const command = (name, ...args) => {
    const own = [join(binaries(), name), "-D", join(folder, "data"), ...args];
    return isRoot ? ["runuser", "-u", user, "--", ...own] : own;
  };
  const run = (...args) => {
    const [program, ...rest] = command(...args);
    return runProgram(program, rest, { cwd: folder });
  };
  await run("initdb", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8");
  const options = `-h '' -k ${folder}`;
  await run("pg_ctl", "-w", "-l", join(folder, "log"), "-o", options, "start");
  const stop = atExit(() => {
    const [program, ...rest] = command("pg_ctl", "-m", "immediate", "stop");
    spawnSync(program, rest, { cwd: folder });
    rmSync(folder, { recursive: true, force: true });
  });
  return { url: `postgres:///postgres?host=${folder}&user=${user}`, stop };
}
