// Network namespaces: networks of a test's own. They need root, and a kernel that has them.

import { execFile } from "node:child_process";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);

export const ip = (...args) => execute("ip", args);

/** Runs a program in a namespace. */
export const inNamespace = (namespace, ...command) => ip("netns", "exec", namespace, ...command);

/** Why this machine has no namespaces in which `trial` succeeds; null if it has. */
export async function obstacle(trial) {
  if (process.getuid() !== 0) return "network namespaces need root";
  const namespace = `streamspace-trial${process.pid}`;
  try {
    await ip("netns", "add", namespace);
    await trial(namespace).finally(() => ip("netns", "delete", namespace));
    return null;
  } catch (error) {
    return `this machine cannot have the network: ${error.message.trim()}`;
  }
}

/** Writes a program into a folder that starts Chromium in a namespace. */
export async function browserIn(namespace, folder) {
  const path = join(folder, "chromium");
  await writeFile(path, `#!/bin/sh\nexec ip netns exec ${namespace} /usr/bin/chromium "$@"\n`);
  await chmod(path, 0o755);
  return path;
}
