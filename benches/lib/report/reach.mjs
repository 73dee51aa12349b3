// What is wanted, what was measured, and whether it is reached.

import { MISSING, number, table } from "./markdown.mjs";

const SIZES = ["1280x720", "1920x1080"];
const OURS = "streamspace";

/** A row for each aim; one that was not measured says so. */
export function reachTable(all) {
  const measured = (part, size) =>
    (all[part]?.results ?? []).filter((entry) => !entry.failure && (!size || entry.size === size));
  const aims = [
    ...SIZES.flatMap((size) => latencyAims(measured("latency", size), size)),
    ...SIZES.flatMap((size) => loadAims(measured("load", size), size)),
    ...linkAims(measured("link")),
    ...transferAims(all.transfers?.results),
    ...gatewayAims(all.gateway?.results),
  ];
  return [
    "### Wanted and reached",
    "Ratios are of StreamSpace to the best peer of the same run, or to the peer that is named.",
    table(
      ["", "wanted", "measured", ""],
      aims.map(({ what, wanted, value, sign, decimals = 2 }) => [
        what,
        `${sign} ${wanted}`,
        number(value, decimals),
        verdict(value, sign, wanted),
      ]),
    ),
  ].join("\n\n");
}

function verdict(value, sign, wanted) {
  if (typeof value !== "number" || !Number.isFinite(value)) return MISSING;
  return (sign === "≤" ? value <= wanted : value >= wanted) ? "reached" : "**not reached**";
}

const atMost = (what, value, wanted, decimals) => ({ what, value, wanted, sign: "≤", decimals });
const atLeast = (what, value, wanted, decimals) => ({ what, value, wanted, sign: "≥", decimals });

const oursOf = (entries) => entries.find(({ peer }) => peer === OURS);

function latencyAims(entries, size) {
  const ours = oursOf(entries);
  const others = entries.filter(({ peer }) => !peer.startsWith(OURS));
  if (!ours || others.length === 0) return [];
  const ratio = (scene, part) =>
    ours[scene].clicks[part] / Math.min(...others.map((entry) => entry[scene].clicks[part] ?? Infinity));
  return [
    atMost(`click to photon, still, p50, to the best peer, ${size}`, ratio("still", "p50"), 0.8),
    atMost(`click to photon, still, p95, to the best peer, ${size}`, ratio("still", "p95"), 1),
    atMost(`click to photon, scrolling, p50, to the best peer, ${size}`, ratio("scroll", "p50"), 0.7),
    atMost(`click to photon, scrolling, p95, to the best peer, ${size}`, ratio("scroll", "p95"), 0.8),
  ];
}

/** CPU of the server's side in ms for each picture that the viewer was shown. */
export const costOfPicture = ({ cpu, fps }) => (cpu.total * 10) / fps;

function loadAims(entries, size) {
  const ours = oursOf(entries);
  if (!ours) return [];
  const against = (name, scene, cost = ({ cpu }) => cpu.total) => {
    const peer = entries.find((entry) => entry.peer === name);
    return peer ? cost(ours[scene]) / cost(peer[scene]) : NaN;
  };
  const everySize = [
    atMost(`server CPU, typing, to ximagesrc + x264enc, ${size}`, against("webrtcbin", "typing"), 0.2),
    atMost(`idle CPU with a viewer, %, ${size}`, ours.idle.cpu.total, 0.3),
    atMost(`idle kbit/s with a viewer, ${size}`, ours.idle.kbps, 2, 1),
  ];
  if (size === "1280x720") return [...encoderAims(ours.scroll.stages), ...everySize];
  return [
    ...everySize,
    atLeast(`delivered fps, scroll, ${size}`, ours.scroll.fps, 58, 1),
    atLeast(`delivered fps, video, ${size}`, ours.video.fps, 56, 1),
    atMost(`server CPU, scroll, to Selkies, ${size}`, against("selkies-webrtc", "scroll"), 0.75),
    atMost(`server CPU, video, to Selkies, ${size}`, against("selkies-webrtc", "video"), 0.75),
    atMost(`the same for each picture shown, scroll, ${size}`, against("selkies-webrtc", "scroll", costOfPicture), 0.75),
    atMost(`the same for each picture shown, video, ${size}`, against("selkies-webrtc", "video", costOfPicture), 0.75),
    atMost(`streamer memory, MB (PSS), ${size}`, ours.memory.pssMb, 60, 0),
  ];
}

/** Before the encoder a frame is waited for, grabbed and converted; percentiles are added up. */
function encoderAims(stages) {
  const before = (stages ?? []).filter(({ stage }) => ["damage", "grab", "convert"].includes(stage));
  // Nothing takes no time: all zeros are stages that were not measured.
  const ms = (part) => before.reduce((sum, stage) => sum + stage[part], 0) / 1000 || NaN;
  return [
    atMost("redraw to encoder, p50, ms, 1280x720", ms("p50Us"), 2.5),
    atMost("redraw to encoder, p95, ms, 1280x720", ms("p95Us"), 4),
  ];
}

function transferAims(results) {
  if (!results) return [];
  const { files, clicks } = results;
  const { p95 } = clicks.without;
  return [
    atLeast("files into the session, to scp", files.up / files.scpUp, 0.5),
    atLeast("files out of the session, to scp", files.down / files.scpDown, 0.5),
    atMost("click to photon, p95, while files go in, to without", clicks.uploading.p95 / p95, 1.2),
    atMost("click to photon, p95, while files go out, to without", clicks.downloading.p95 / p95, 1.2),
  ];
}

function gatewayAims(results) {
  if (!results) return [];
  const [ours, websockify] = results.relay;
  return [
    atLeast("VNC relay, MB/s, to websockify", ours.mbPerSecond / websockify.mbPerSecond, 3),
    atMost("VNC relay, CPU for each GB, to websockify", ours.cpuPerGb / websockify.cpuPerGb, 0.5),
  ];
}

function linkAims(entries) {
  const ours = (profile) => entries.find((entry) => entry.peer === OURS && entry.profile === profile);
  const [far, drop] = [ours("far"), ours("drop")];
  return [
    far && atLeast(`far link, fps over ${far.seconds} s`, far.fps, 29.9),
    far && atMost(`far link, freezes in ${far.seconds} s`, far.freezes.count, 1, 0),
    far && atMost(`far link, seconds frozen in ${far.seconds} s`, far.freezes.seconds, 0.15),
    drop && atMost("5 → 0.5 → 5 Mbit/s, longest gap, s", drop.freezes.longest, 1),
    drop && atMost("5 → 0.5 → 5 Mbit/s, seconds to 90 % of the link", drop.recoverySeconds ?? Infinity, 3, 0),
  ].filter(Boolean);
}
