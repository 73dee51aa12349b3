// A PostgreSQL server of a test's own, on a Unix socket.

import { execFile } from "node:child_process";
import { chown, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);
const versions = "/usr/lib/postgresql";

/** Gives a file with the address of an empty database. */
export async function postgres(t) {
  const folder = await mkdtemp(join(tmpdir(), "streamspace-e2e-postgres-"));
  const [version] = (await readdir(versions)).sort((a, b) => b - a);
  // The server refuses to be root.
  const isRoot = process.getuid() === 0;
  const user = isRoot ? "postgres" : userInfo().username;
  if (isRoot) await chown(folder, ...(await idsOf(user)));
  const run = (name, ...args) => {
    const command = [join(versions, version, "bin", name), "-D", join(folder, "data"), ...args];
    const [program, ...rest] = isRoot ? ["runuser", "-u", user, "--", ...command] : command;
    return execute(program, rest, { cwd: folder });
  };
  await run("initdb", "-A", "trust", "-N", "-E", "UTF8", "--locale=C.UTF-8");
  const log = join(folder, "log");
  await run("pg_ctl", "-w", "-l", log, "-o", `-h '' -k ${folder} -c fsync=off`, "start");
  t.after(async () => {
    await run("pg_ctl", "-m", "immediate", "stop");
    await rm(folder, { recursive: true, force: true });
  });
  const file = join(folder, "address");
  await writeFile(file, `postgres:///postgres?host=${folder}&user=${user}`);
  return file;
}

async function idsOf(user) {
  const id = async (option) => Number((await execute("id", [option, user])).stdout);
  return [await id("-u"), await id("-g")];
}
