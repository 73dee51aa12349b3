// X servers of the run's own, for the peers that bring none, and for original pictures.

import { join } from "node:path";
import { until } from "../../e2e/harness/wait.mjs";
import { temporaryFolder } from "./cleanup.mjs";
import { runProgram, startProgram } from "./programs.mjs";

/** The same X server with the same settings as a session of StreamSpace has, but for VNC. */
export async function startDisplay({ width, height }) {
  const folder = await temporaryFolder();
  // The server picks a free number and writes it to file descriptor 1.
  const server = startProgram("Xvnc", [
    ...["-displayfd", "1", "-geometry", `${width}x${height}`, "-depth", "24", "-FrameRate", "60"],
    ...["-rfbport", "-1", "-rfbunixpath", join(folder.path, "rfb"), "-SecurityTypes", "None"],
    ...["-nolisten", "tcp", "-noreset"],
  ]);
  const number = await until("an X server", () => server.stdout.match(/^(\d+)\n/)?.[1]);
  return {
    pid: server.pid,
    environment: { DISPLAY: `:${number}` },
    async stop() {
      await server.stop();
      folder.remove();
    },
  };
}

/** The display's size in pixels. */
export async function sizeOfDisplay(environment) {
  const text = await runProgram("xdpyinfo", [], { env: environment });
  const [, width, height] = text.match(/dimensions:\s+(\d+)x(\d+)/);
  return { width: Number(width), height: Number(height) };
}
