// The gateway's results as Markdown.

import { MISSING, number, table } from "./markdown.mjs";

export function gatewayTables({ results: { relay, idle } }, measuredAt) {
  return [
    "### The gateway",
    measuredAt,
    "A VNC server pours pictures in the Raw encoding as fast as they are taken, through one relay at a time, in turn; " +
      "server and client share the machine with it. Medians of the rounds:",
    table(
      ["VNC relay", "MB/s", "CPU s for each GB", "rounds"],
      relay.map(({ product, mbPerSecond, cpuPerGb, rounds }) => [
        product,
        number(mbPerSecond),
        number(cpuPerGb, 2),
        `${rounds.length}`,
      ]),
    ),
    "WebSockets that rest: of ours signaling ones, each with a join token and a link to its streamer; of websockify VNC " +
      "ones, for each of which it starts a process. Memory is PSS, before and after; CPU is percent of one core:",
    table(
      ["idle WebSockets", "wanted", "opened", "opened a second", "kB each", "idle CPU %", "refused"],
      idle.map(({ product, wanted, open, joins, kb, cpu, failure }) => [
        product,
        number(wanted),
        number(open),
        number(joins),
        number(kb, 1),
        number(cpu, 1),
        failure ?? MISSING,
      ]),
    ),
  ].join("\n\n");
}
