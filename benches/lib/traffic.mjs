// Bytes between a page and its server.

import { runProgram } from "./programs.mjs";

/** Of each page: the bytes of every TCP connection that it has or had, by the page's own address. */
const connections = new WeakMap();

/**
 * Bytes of both directions so far: what WebRTC's transports have carried, and the TCP connections
 * to the server's port (WebSockets, also those that a worker has opened), as last seen.
 */
export async function trafficOf({ page, address }) {
  const { port } = new URL(address);
  if (!connections.has(page)) connections.set(page, new Map());
  const seen = connections.get(page);
  const sockets = await runProgram("ss", ["-tinHO", "state", "established", `( sport = :${port} )`]);
  for (const line of sockets.split("\n").filter(Boolean)) {
    const peer = line.split(/\s+/)[3];
    const counts = [...line.matchAll(/\bbytes_(?:sent|received):(\d+)/g)];
    seen.set(peer, counts.reduce((sum, [, bytes]) => sum + Number(bytes), 0));
  }
  const tcp = [...seen.values()].reduce((sum, bytes) => sum + bytes, 0);
  return tcp + (await page.evaluate(() => globalThis.bench.transportBytes()));
}
