// What must not outlive the run, however it ends.

import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const actions = new Set();

/** Does this, synchronously, when the run ends; the function given back does it at once. */
export function atExit(action) {
  actions.add(action);
  return () => actions.delete(action) && action();
}

/** A folder that goes away with the run: `{ path, remove }`. */
export async function temporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), "streamspace-bench-"));
  return { path, remove: atExit(() => rmSync(path, { recursive: true, force: true })) };
}

process.on("exit", () => [...actions].reverse().forEach((action) => action()));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(130));
