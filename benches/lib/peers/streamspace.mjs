// StreamSpace by WebRTC and, with the same server and session, TigerVNC with noVNC.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Server, environment } from "../../../e2e/harness/server.mjs";
import { environmentOf } from "../../../e2e/harness/machine.mjs";
import { untilState } from "../../../e2e/harness/browser.mjs";
import { until } from "../../../e2e/harness/wait.mjs";
import { temporaryFolder } from "../cleanup.mjs";
import { built, startProgram } from "../programs.mjs";

export const streamspace = {
  name: "streamspace",
  label: "StreamSpace",
  start: (options) => startSession(options),
  opened: async () => {},
};

/** The way of showing the picture that the viewer does not take by itself in every browser. */
export const streamspaceWebCodecs = {
  name: "streamspace-webcodecs",
  label: "StreamSpace, decoder=webcodecs",
  start: (options) => startSession(options),
  opened: showByWebCodecs,
};

export const noVnc = {
  name: "novnc",
  label: "TigerVNC + noVNC",
  start: (options) => startSession(options),
  opened: showByVnc,
};

async function showByWebCodecs(page) {
  await untilState(page, "connected-webrtc");
  await page.evaluate(() => document.querySelector("streamspace-viewer").setAttribute("decoder", "webcodecs"));
  await until("a canvas", () =>
    page.evaluate(() => document.querySelector("streamspace-viewer").picture?.localName === "canvas"),
  );
}

async function showByVnc(page) {
  await untilState(page, "connected-webrtc");
  await page.evaluate(() => document.querySelector("streamspace-viewer").setAttribute("path", "vnc"));
  await untilState(page, "vnc");
}

/** A server that other addresses than the loopback one reach; `more` is added to its environment. */
export async function startServer(address, port = 0, more = {}) {
  const server = new Server();
  server.data = (await temporaryFolder()).path;
  const args = ["up", "--listen", `${address}:${port}`, "--data", server.data];
  server.process = startProgram(built("streamspace"), args, { env: { ...environment, ...more } });
  const [link] = await until("the server's address", () => {
    if (server.process.child.exitCode !== null) throw new Error(server.process.stderr);
    return server.process.stdout.match(/http:\/\/\S+#signin=\S+/);
  });
  server.origin = new URL(link).origin;
  server.key = JSON.parse(await readFile(join(server.data, "server.json"), "utf8"));
  return server;
}

async function startSession({ size, fps, address, port }) {
  const server = await startServer(address, port);
  try {
    const session = await sessionOf(server, { size, fps });
    const { process } = server;
    return { ...session, roots: [process.child.pid], stop: () => server.stop() };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** One more session of a server. */
export async function sessionOf(server, { size, fps, scene = "flash" }) {
  const options = { size: `${size.width}x${size.height}`, fps: `${fps}` };
  const session = await server.session([built("scene"), scene], options);
  const environment = await environmentOf(session);
  const stages = (page) => page.evaluate(readStages, session.session);
  return { address: session.address, environment, stages };
}

/** In the page: percentiles of each stage of the last frames' way, as the API tells them. */
async function readStages(session) {
  const response = await fetch(`/api/v1/sessions/${session}/stats`);
  if (!response.ok) return null;
  const { viewers } = await response.json();
  return viewers[0]?.latency.stages ?? null;
}
