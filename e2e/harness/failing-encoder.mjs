// An encoder that fails on cue, for servers to find.

import { execFile } from "node:child_process";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const execute = promisify(execFile);
const source = fileURLToPath(new URL("failing-encoder.c", import.meta.url));

/** Compiles it into this folder; gives what lets a server find it, and the cue. */
export async function failingEncoder(folder) {
  const { stdout } = await execute("pkg-config", ["--cflags", "--libs", "gstreamer-1.0"]);
  const library = join(folder, "libgstfailing.so");
  const flags = stdout.trim().split(/\s+/);
  await execute("cc", ["-shared", "-fPIC", "-Wall", "-Werror", "-o", library, source, ...flags]);
  const cue = join(folder, "cue");
  const registry = join(folder, "registry");
  const env = { GST_PLUGIN_PATH: folder, GST_REGISTRY: registry, GST_FAILING_CUE: cue };
  // Renamed into place, so that the encoder never reads a cue half written.
  const fail = async (how) => {
    await writeFile(`${cue}.new`, how);
    await rename(`${cue}.new`, cue);
  };
  return { env, fail };
}
