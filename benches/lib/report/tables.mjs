// The results as Markdown.

import { profiles } from "../measure/link.mjs";
import { MISSING, number, pair, table } from "./markdown.mjs";
import { reachTable } from "./reach.mjs";

/** All of it; `all` has the parts that have been measured, each `{ machine, results }`. */
export function tables(all) {
  const parts = [
    reachTable(all),
    all.desktop && desktopTables(all.desktop),
    all.link && linkTables(all.link),
    all.scale && scaleTables(all.scale),
    all.micro && microTable(all.micro),
  ];
  return parts.filter(Boolean).join("\n\n");
}

const measuredAt = ({ machine }) =>
  `Measured ${machine.measured}, ${machine.effort} run, commit ${machine.commit}: ${machine.processors} × ` +
  `${machine.processor}, ${machine.memoryGb} GB, ${machine.system}, Linux ${machine.kernel}, ${machine.chromium}, ` +
  `TigerVNC ${machine.tigervnc}, GStreamer ${machine.gstreamer}, Selkies ${machine.selkies}.`;

function desktopTables(part) {
  const sizes = [...new Set(part.results.map(({ size }) => size))];
  const texts = sizes.map((size) => desktopTable(size, part.results.filter((entry) => entry.size === size)));
  return ["### One viewer on one machine", measuredAt(part), plotLink("latency"), ...texts].join("\n\n");
}

const plotLink = (name) => `![${name}](benchmarks-${name}.svg)`;

function desktopTable(size, entries) {
  const measured = entries.filter(({ failure }) => !failure);
  const clicks = ({ clicks }) =>
    clicks ? [clicks.p50, clicks.p95, clicks.p99].map((ms) => number(ms)).join(" / ") + lostNote(clicks) : MISSING;
  return [
    `#### ${size}`,
    "Click to photon, ms, p50 / p95 / p99:",
    table(
      ["", "shown in", "still", "scrolling", "video"],
      measured.map((entry) => [
        entry.label,
        `\`<${entry.element}>\``,
        ...[entry.still, entry.scroll, entry.video].map((scene) => clicks(scene ?? {})),
      ]),
    ),
    "Delivered pictures of 60 a second, Mbit/s and likeness to the original (SSIM):",
    table(
      ["", "fps scroll", "fps video", "Mbit/s scroll", "Mbit/s video", "SSIM still", "SSIM scroll", "SSIM video"],
      measured.map(({ label, still, scroll, video }) => [
        label,
        number(scroll.fps, 1),
        number(video.fps, 1),
        number(scroll.kbps / 1000, 1),
        number(video.kbps / 1000, 1),
        number(still?.ssim, 3),
        number(scroll.ssim, 3),
        number(video.ssim, 3),
      ]),
    ),
    "CPU of the server's side, percent of one core, all / of it the X server; memory of what streams, MB:",
    table(
      ["", "scroll", "video", "typing", "idle", "idle kbit/s", "PSS", "RSS"],
      measured.map(({ label, scroll, video, typing, idle, memory }) => [
        label,
        ...[scroll, video, typing].map((load) => pair(load?.cpu?.total, load?.cpu?.xserver)),
        pair(idle?.cpu.total, idle?.cpu.xserver, 1),
        number(idle?.kbps, 1),
        number(memory?.pssMb),
        number(memory?.rssMb),
      ]),
    ),
    ...measured.filter(({ scroll }) => scroll.stages).map(stagesTable),
    ...failures(entries),
  ].join("\n\n");
}

/** Where a frame's time goes, by the product's own account while text scrolls. */
function stagesTable({ label, scroll }) {
  const ms = (us) => number(us / 1000, 1);
  const rows = scroll.stages.map(({ stage, p50Us, p95Us, p99Us }) => [stage, ms(p50Us), ms(p95Us), ms(p99Us)]);
  const head = `Where the time of a frame goes while text scrolls, ms, by ${label}'s own account:`;
  return [head, table(["", "p50", "p95", "p99"], rows)].join("\n\n");
}

const lostNote = ({ lost }) => (lost > 0 ? ` (${lost} lost)` : "");

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
