// websockify from PyPI, with numpy, in a Python environment of its own.

import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { runProgram, startProgram } from "../programs.mjs";

export const WEBSOCKIFY_VERSION = "0.13.0";
const CACHE = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
const ENVIRONMENT = join(CACHE, "streamspace-bench", `websockify-${WEBSOCKIFY_VERSION}`);

/** Carries WebSockets at this port to a TCP port, with a process for each. */
export async function startWebsockify(port, target) {
  const program = join(ENVIRONMENT, "bin/websockify");
  if (!existsSync(program)) {
    await runProgram("/usr/bin/python3", ["-m", "venv", ENVIRONMENT]);
    const packages = [`websockify==${WEBSOCKIFY_VERSION}`, "numpy"];
    await runProgram(join(ENVIRONMENT, "bin/pip"), ["install", "--quiet", ...packages]);
  }
  return startProgram(program, [`127.0.0.1:${port}`, `127.0.0.1:${target}`]);
}
