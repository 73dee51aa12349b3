// The plain GStreamer pipeline `ximagesrc ! videoconvert ! x264enc ! webrtcbin`.

import { fileURLToPath } from "node:url";
import { until } from "../../../e2e/harness/wait.mjs";
import { startDisplay } from "../display.mjs";
import { startProgram } from "../programs.mjs";

const SERVER = fileURLToPath(new URL("webrtcbin/server.py", import.meta.url));
/** Its rate is fixed: bits for a pixel and picture that show this scene about as well as the others. */
const BITS_PER_PIXEL = 0.09;

export const webrtcbin = {
  name: "webrtcbin",
  label: "ximagesrc + x264enc + webrtcbin",
  start,
  opened: async () => {},
};

async function start({ size, fps, address, port }) {
  const display = await startDisplay(size);
  const kbps = Math.round((size.width * size.height * fps * BITS_PER_PIXEL) / 1000);
  const server = startProgram(
    "/usr/bin/python3",
    [SERVER, "--address", address, "--port", `${port}`, "--fps", `${fps}`, "--kbps", `${kbps}`],
    { env: display.environment },
  );
  const stop = async () => {
    await server.stop();
    await display.stop();
  };
  try {
    const page = `http://${address}:${port}/`;
    await until("the pipeline's page", () => {
      if (server.child.exitCode !== null) throw new Error(server.stderr);
      return fetch(page).then(({ ok }) => ok);
    });
    return {
      address: page,
      environment: display.environment,
      roots: [server.pid, display.pid],
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
