// The results as Markdown.

import { profiles } from "../measure/link.mjs";
import { MISSING, number, pair, table } from "./markdown.mjs";
import { gatewayTables } from "./gateway-tables.mjs";
import { costOfPicture, reachTable } from "./reach.mjs";

/** All of it; `all` has the parts that have been measured, each `{ machine, results }`. */
export function tables(all) {
  const parts = [
    reachTable(all),
    all.latency && latencyTables(all.latency),
    all.load && loadTables(all.load),
    all.link && linkTables(all.link),
    all.scale && scaleTables(all.scale),
    all.sync && syncTable(all.sync),
    all.transfers && transferTables(all.transfers),
    all.encoders && encoderTables(all.encoders),
    all.api && apiTable(all.api),
    all.gateway && gatewayTables(all.gateway, measuredAt(all.gateway)),
    all.cluster && clusterTable(all.cluster),
    all.micro && microTable(all.micro),
  ];
  return parts.filter(Boolean).join("\n\n");
}

const measuredAt = ({ machine }) =>
  `Measured ${machine.measured}, ${machine.effort} run, commit ${machine.commit}: ${machine.processors} × ` +
  `${machine.processor}, ${machine.memoryGb} GB, ${machine.system}, Linux ${machine.kernel}, ${machine.chromium}, ` +
  `TigerVNC ${machine.tigervnc}, GStreamer ${machine.gstreamer}, Selkies ${machine.selkies}.`;

function latencyTables(part) {
  const head =
    "Click to photon with one viewer on one machine, and of that the way from the page's event to the program " +
    "in the session (input), ms, p50 / p95 / p99:";
  return ["### Latency", measuredAt(part), plotLink("latency"), head, ...bySize(part.results, latencyTable)].join("\n\n");
}

function loadTables(part) {
  return ["### Load and quality", measuredAt(part), ...bySize(part.results, loadTable)].join("\n\n");
}

const plotLink = (name) => `![${name}](benchmarks-${name}.svg)`;

/** A section for each size, of the entries that could be measured, with the failures of the others. */
function bySize(entries, section) {
  const sizes = [...new Set(entries.map(({ size }) => size))];
  return sizes.map((size) => {
    const own = entries.filter((entry) => entry.size === size);
    const measured = own.filter(({ failure }) => !failure);
    return [`#### ${size}`, section(measured), ...failures(own)].join("\n\n");
  });
}

function latencyTable(entries) {
  const percentiles = ({ p50, p95, p99 } = {}, decimals) => [p50, p95, p99].map((ms) => number(ms, decimals)).join(" / ");
  const lost = ({ clicks }) => (clicks.lost > 0 ? ` (${clicks.lost} lost)` : "");
  return table(
    ["", "shown in", "still", "scrolling", "video", "input, still", "input, video"],
    entries.map(({ label, element, still, scroll, video }) => [
      label,
      `\`<${element}>\``,
      ...[still, scroll, video].map((scene) => percentiles(scene.clicks) + lost(scene)),
      ...[still, video].map(({ clicks }) => percentiles(clicks.input, 1)),
    ]),
  );
}

function loadTable(entries) {
  return [
    "Delivered pictures of 60 a second, Mbit/s and likeness to the original (SSIM):",
    deliveredTable(entries),
    "CPU of the server's side, percent of one core, all / of it the X server, and in ms for each picture shown; " +
      "memory of what streams, MB:",
    costTable(entries),
    ...entries.filter(({ scroll }) => scroll.stages).map(stagesTable),
  ].join("\n\n");
}

function deliveredTable(entries) {
  return table(
    ["", "fps scroll", "fps video", "Mbit/s scroll", "Mbit/s video", "SSIM still", "SSIM scroll", "SSIM video"],
    entries.map(({ label, still, scroll, video }) => [
      label,
      number(scroll.fps, 1),
      number(video.fps, 1),
      number(scroll.kbps / 1000, 1),
      number(video.kbps / 1000, 1),
      number(still.ssim, 3),
      number(scroll.ssim, 3),
      number(video.ssim, 3),
    ]),
  );
}

function costTable(entries) {
  return table(
    ["", "scroll", "video", "typing", "idle", "ms a picture, scroll", "video", "idle kbit/s", "PSS", "RSS"],
    entries.map(({ label, scroll, video, typing, idle, memory }) => [
      label,
      ...[scroll, video, typing].map(({ cpu }) => pair(cpu.total, cpu.xserver)),
      pair(idle.cpu.total, idle.cpu.xserver, 1),
      ...[scroll, video].map((scene) => number(costOfPicture(scene), 1)),
      number(idle.kbps, 1),
      number(memory.pssMb),
      number(memory.rssMb),
    ]),
  );
}

/** Where a frame's time goes, by the product's own account while text scrolls. */
function stagesTable({ label, scroll }) {
  const ms = (us) => number(us / 1000, 1);
  const rows = scroll.stages.map(({ stage, p50Us, p95Us, p99Us }) => [stage, ms(p50Us), ms(p95Us), ms(p99Us)]);
  const head = `Where the time of a frame goes while text scrolls, ms, by ${label}'s own account:`;
  return [head, table(["", "p50", "p95", "p99"], rows)].join("\n\n");
}

const failures = (entries) =>
  entries.filter(({ failure }) => failure).map(({ label, failure }) => `* ${label} could not be measured: ${failure}`);

function linkTables(part) {
  const texts = profiles.map((profile) => {
    const entries = part.results.filter((entry) => entry.profile === profile.name);
    return entries.length > 0 && [`#### ${profile.label}`, linkTable(entries), ...failures(entries)].join("\n\n");
  });
  const heading = "### Shaped links, 1280x720, 30 pictures a second of video";
  return [heading, measuredAt(part), plotLink("link"), ...texts.filter(Boolean)].join("\n\n");
}

function linkTable(entries) {
  const measured = entries.filter(({ failure }) => !failure);
  return table(
    ["", "seconds", "fps", "freezes", "seconds frozen", "longest gap, s", "by getStats", "recovery, s"],
    measured.map(({ label, seconds, fps, freezes, browserFreezes, recoverySeconds }) => [
      label,
      number(seconds),
      number(fps, 1),
      number(freezes.count),
      number(freezes.seconds, 2),
      number(freezes.longest, 2),
      browserFreezes ? `${browserFreezes.count}, ${number(browserFreezes.seconds, 2)} s` : MISSING,
      number(recoverySeconds),
    ]),
  );
}

function scaleTables(part) {
  const rows = (entries) =>
    entries.map(({ count, failure, cpu, browserCpu, memoryMb, shownPercent }) =>
      failure
        ? [count, failure, "", "", "", ""]
        : [count, ...[cpu.server, cpu.xserver, browserCpu, memoryMb, shownPercent].map((value) => number(value))],
    );
  const head = ["CPU of the streamers' side %", "X servers %", "browser %", "memory of all, MB", "shown %"];
  return [
    "### Cost as work grows, 1280x720, StreamSpace",
    measuredAt(part),
    table(["sessions, a viewer each", ...head], rows(part.results.sessions)),
    table(["viewers of one session", ...head], rows(part.results.viewers)),
  ].join("\n\n");
}

function syncTable(part) {
  const { beats, paired, p5, p50, p95 } = part.results;
  return [
    "### Sound beside the picture",
    measuredAt(part),
    "A program changes the picture and plays a tone at the same moment, with 20 ms of buffer of its own. " +
      "How much later the tone is in the page than the picture, ms (EBU R37, for broadcasting: at most 60 late, 40 early):",
    table(["", "changes", "with a tone", "p5", "p50", "p95"], [
      ["StreamSpace", number(beats), number(paired), number(p5), number(p50), number(p95)],
    ]),
  ].join("\n\n");
}

function clusterTable(part) {
  const rows = part.results.map(({ sessions, made, perSecond, cpuPerSession, mb, restCpu, ended }) => [
    number(sessions),
    number(made, 1),
    number(perSecond),
    number(cpuPerSession, 2),
    number(mb, 1),
    number(restCpu, 2),
    number(ended, 1),
  ]);
  return [
    "### The controller",
    measuredAt(part),
    "Sessions of a real API server with scheduler and controller manager, without nodes, all asked for at once by kubectl; " +
      "everything shares the machine. Seconds until the last has its Pod, and until the last is gone when all are deleted; " +
      "CPU is the controller's own, memory its PSS, at rest over 10 s in percent of one core:",
    table(["sessions", "made, s", "Pods a second", "CPU ms a session", "MB", "CPU at rest, %", "ended, s"], rows),
  ].join("\n\n");
}

function apiTable(part) {
  const cell = ({ perSecond, perCore }) => `${number(perSecond)} / ${number(perCore)}`;
  return [
    "### The API",
    measuredAt(part),
    "Requests a second, eight at a time over kept connections, while Node asks on the same machine / requests for each " +
      "second of one core that the server takes. A write changes a session's tags and is on the disk in session store and " +
      "audit log; a join is a request to connect and a WebSocket as far as the streamer's welcome.",
    table(
      ["accounts and audit in", "one session", "list of sessions", "write", "join"],
      part.results.map(({ store, reads, lists, writes, joins }) => [store, ...[reads, lists, writes, joins].map(cell)]),
    ),
  ].join("\n\n");
}

function transferTables(part) {
  const { files, clipboard, clicks } = part.results;
  const row = (label, { p50, p95, p99, lost }) => [label, number(p50), number(p95), number(p99), lost];
  return [
    "### Files and clipboard, StreamSpace",
    measuredAt(part),
    `MB/s over the loopback device, file to file, ${files.bytes / 1e6} MB, medians of runs in turn:`,
    table(
      ["", "scp", "StreamSpace"],
      [
        ["into the session", number(files.scpUp), number(files.up)],
        ["out of the session", number(files.scpDown), number(files.down)],
      ],
    ),
    "Click to photon while files go as fast as they can, 1280x720, ms, measured in turn:",
    table(
      ["", "p50", "p95", "p99", "lost"],
      [
        row("nothing else", clicks.without),
        row("files go in", clicks.uploading),
        row("files go out", clicks.downloading),
      ],
    ),
    `A text of ${clipboard.bytes / 1e6} MB is in the session ${number(clipboard.toSession)} ms after the key that ` +
      `pastes, and in the browser ${number(clipboard.toBrowser)} ms after a program has copied it.`,
  ].join("\n\n");
}

function encoderTables(part) {
  const { probe, switches, scenes, similarity, size } = part.results;
  const row = (label, { p50, most, runs }) => [label, number(p50), number(most), runs];
  const compared = Object.entries(scenes).flatMap(([scene, encoders]) => [
    `Software encoders, the scene \`${scene}\` at ${size.width}x${size.height} and 60 frames a second, each at the lowest ` +
      `bitrate that reaches a similarity (SSIM of luma) of ${similarity}:`,
    table(
      ["", "kbit/s", "processor ms a frame", "similarity"],
      encoders.map(({ name, kbps, processorMs, similarity: reached }) => [
        name,
        kbps ? number(kbps) : MISSING,
        processorMs ? number(processorMs, 2) : MISSING,
        reached ? number(reached, 3) : MISSING,
      ]),
    ),
  ]);
  return [
    "### Encoders",
    measuredAt(part),
    "Until every encoder is known, and the longest gap between two pictures in the browser when one fails, ms:",
    table(
      ["", "p50", "most", "runs"],
      [
        row("asking drivers and trying all encoders", probe),
        row("pictures, while nothing fails", switches.lost.undisturbed),
        row("an encoder that reports an error", switches.lost.failing),
        row("an encoder that hangs", switches.hang.failing),
      ],
    ),
    ...compared,
  ].join("\n\n");
}

function microTable(part) {
  const us = (ns) => number(ns / 1000, 2);
  return [
    "### The hot pieces on their own",
    measuredAt(part),
    table(
      ["", "median, µs", "95 % of its interval"],
      part.results.map(({ name, medianNs, lowNs, highNs }) => [name, us(medianNs), `${us(lowNs)} to ${us(highNs)}`]),
    ),
  ].join("\n\n");
}
