// Bytes between a page and its server.

import { runProgram } from "./programs.mjs";

/**
 * Bytes of both directions so far: what WebRTC's transports have carried, and the TCP connections
 * that are open to the server's port (WebSockets, also those that a worker has opened).
 */
export async function trafficOf({ page, address }) {
  const { port } = new URL(address);
  const sockets = await runProgram("ss", ["-tinH", "state", "established", `( sport = :${port} )`]);
  const counts = [...sockets.matchAll(/\bbytes_(?:sent|received):(\d+)/g)];
  const tcp = counts.reduce((sum, [, bytes]) => sum + Number(bytes), 0);
  return tcp + (await page.evaluate(() => globalThis.bench.transportBytes()));
}
