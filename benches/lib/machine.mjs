// Where and with what was measured.

import { readFile } from "node:fs/promises";
import { cpus, release, totalmem } from "node:os";
import { SELKIES_VERSION } from "./peers/selkies.mjs";
import { runProgram } from "./programs.mjs";

const firstLine = async (command, args) =>
  (await runProgram(command, args).catch(() => "unknown")).trim().split("\n")[0];

const packageVersion = (name) => firstLine("dpkg-query", ["-W", "-f", "${Version}", name]);

export async function describeMachine({ effortName }) {
  const system = await readFile("/etc/os-release", "utf8");
  return {
    measured: new Date().toISOString().slice(0, 16).replace("T", " ") + " UTC",
    effort: effortName,
    commit: await firstLine("git", ["describe", "--always", "--dirty"]),
    processors: cpus().length,
    processor: cpus()[0].model,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: system.match(/^PRETTY_NAME="(.*)"/m)[1],
    kernel: release(),
    chromium: await firstLine("chromium", ["--version"]),
    tigervnc: await packageVersion("tigervnc-standalone-server"),
    gstreamer: await packageVersion("gstreamer1.0-tools"),
    x264: await packageVersion("gstreamer1.0-plugins-ugly"),
    selkies: SELKIES_VERSION,
  };
}
