// Programs from PyPI, in an environment of their own that is kept.

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "streamspace");

/** The folder of the programs that these packages (`name==version`) bring. */
export async function pythonPrograms(...packages) {
  const folder = join(CACHE, `python-${packages.join("-").replace(/[^\w.-]/g, "_")}`);
  const complete = join(folder, "complete");
  if (!existsSync(complete)) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(CACHE, { recursive: true });
    await run("/usr/bin/python3", ["-m", "venv", folder]);
    await run(join(folder, "bin/pip"), ["install", "--quiet", "--disable-pip-version-check", ...packages]);
    await writeFile(complete, "");
  }
  return join(folder, "bin");
}
