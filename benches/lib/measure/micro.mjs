// The hot pieces on their own: every criterion bench of the workspace.

import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { runProgram } from "../programs.mjs";

/** `[{ name, medianNs, lowNs, highNs }]` of the benches that this run has run. */
export async function measureMicro(log) {
  const metadata = JSON.parse(await runProgram("cargo", ["metadata", "--no-deps", "--format-version", "1"]));
  const measured = metadata.packages.filter(({ targets }) => targets.some(({ kind }) => kind.includes("bench")));
  const began = Date.now();
  for (const { name } of measured) {
    log(`cargo bench -p ${name}`);
    await runProgram("cargo", ["bench", "--quiet", "-p", name, "--bench", "*", "--", ...CRITERION]);
  }
  const folder = join(metadata.target_directory, "criterion");
  const files = await estimatesIn(folder);
  const results = await Promise.all(files.map((file) => resultOf(folder, file, began)));
  return results.filter((result) => result !== null).sort((a, b) => a.name.localeCompare(b.name));
}

const CRITERION = ["--noplot", "--warm-up-time", "1", "--measurement-time", "2"];

async function estimatesIn(folder) {
  const files = await readdir(folder, { recursive: true }).catch(() => []);
  return files.filter((file) => file.endsWith(join("new", "estimates.json")));
}

async function resultOf(folder, file, began) {
  const path = join(folder, file);
  if ((await stat(path)).mtimeMs < began) return null;
  const { median } = JSON.parse(await readFile(path, "utf8"));
  return {
    name: dirname(dirname(file)),
    medianNs: median.point_estimate,
    lowNs: median.confidence_interval.lower_bound,
    highNs: median.confidence_interval.upper_bound,
  };
}
