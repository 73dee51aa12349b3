// Selkies from PyPI, in a Python environment of its own, by WebRTC and by WebSocket.

import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { until } from "../../../e2e/harness/wait.mjs";
import { temporaryFolder } from "../cleanup.mjs";
import { startDisplay } from "../display.mjs";
import { runProgram, startProgram } from "../programs.mjs";

export const SELKIES_VERSION = "2.1.0";
const CACHE = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
const ENVIRONMENT = join(CACHE, "streamspace-bench", `selkies-${SELKIES_VERSION}`);

export const selkiesWebRtc = {
  name: "selkies-webrtc",
  label: `Selkies ${SELKIES_VERSION}, WebRTC`,
  start: (options) => startSelkies("webrtc", options),
  opened: async () => {},
};

export const selkiesWebSocket = {
  name: "selkies-websocket",
  label: `Selkies ${SELKIES_VERSION}, WebSocket`,
  start: (options) => startSelkies("websockets", options),
  opened: async () => {},
};

async function install() {
  const program = join(ENVIRONMENT, "bin/selkies");
  if (existsSync(program)) return program;
  await mkdir(CACHE, { recursive: true });
  await runProgram("/usr/bin/python3", ["-m", "venv", ENVIRONMENT]);
  await runProgram(join(ENVIRONMENT, "bin/pip"), ["install", "--quiet", `selkies==${SELKIES_VERSION}`]);
  return program;
}

async function startSelkies(mode, { size, fps, address, port }) {
  const program = await install();
  const display = await startDisplay(size);
  const home = await temporaryFolder();
  const server = startProgram(
    program,
    [
      // All addresses: its own signaling client calls localhost.
      ...["--addr", "0.0.0.0", "--port", `${port}`, "--mode", mode, "--framerate", `${fps}`],
      ...["--enable-resize", "false", "--enable-basic-auth", "false"],
      // Nothing else that would cost: sound and gamepads are off.
      ...["--audio-enabled", "false", "--microphone-enabled", "false", "--gamepad-enabled", "false"],
      ...["--ui-show-sidebar", "false"],
    ],
    { env: { ...display.environment, HOME: home.path } },
  );
  const origin = `http://${address}:${port}`;
  const stop = async () => {
    await server.stop();
    await display.stop();
    home.remove();
  };
  try {
    await until("Selkies", () => {
      if (server.child.exitCode !== null) throw new Error(server.stderr);
      return fetch(origin).then(({ ok }) => ok);
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { address: origin, environment: display.environment, roots: [server.pid, display.pid], stop };
}
