// The figures of the stats panel, from counters that only grow.

import type { Latency, StreamStats } from "./protocol.js";

/** Counters of one moment, as `RTCPeerConnection.getStats()` has them; absent ones are 0. */
export interface Counters {
  timeMs: number;
  bytes: number;
  frames: number;
  framesDropped: number;
  packets: number;
  packetsLost: number;
}

/** What does not come from counting. */
export interface StreamFacts {
  path: string;
  size: string;
  codec?: string;
  decoder?: string;
  route?: string;
  rttMs?: number;
  /** People who look at this desktop now. */
  viewers?: number;
  server?: StreamStats;
}

export interface StatRow {
  name: string;
  value: string;
}

/** What the panel shows. */
export interface Figures {
  rows: StatRow[];
  /** `null` where the frames' times are not known. */
  latency: Latency | null;
}

/** A row for each figure that is known. `before` is the previous moment, if there was one. */
export function statRows(
  facts: StreamFacts,
  now: Counters | null,
  before: Counters | null,
): StatRow[] {
  return [
    ...factRows(facts),
    ...(now && before ? rateRows(now, before) : []),
    ...serverRows(facts),
  ];
}

function factRows(facts: StreamFacts): StatRow[] {
  const { path, size, codec, decoder, route, rttMs, viewers } = facts;
  return [
    { name: "Path", value: route === undefined ? path : `${path}, ${route}` },
    { name: "Desktop", value: size },
    ...row("Codec", codec),
    ...row("Decoder", decoder),
    ...row("Round trip", rttMs === undefined ? undefined : milliseconds(rttMs)),
    ...row("Viewers", viewers === undefined ? undefined : String(viewers)),
  ];
}

function rateRows(now: Counters, before: Counters): StatRow[] {
  const seconds = (now.timeMs - before.timeMs) / 1000;
  if (seconds <= 0) return [];
  const grown = (name: keyof Counters) => now[name] - before[name];
  const packets = grown("packets") + grown("packetsLost");
  return [
    { name: "Frames", value: `${Math.round(grown("frames") / seconds)} fps` },
    { name: "Bitrate", value: bitrate((grown("bytes") * 8) / seconds) },
    { name: "Frames dropped", value: String(now.framesDropped) },
    ...row("Packets lost", packets > 0 ? percent(grown("packetsLost") / packets) : undefined),
  ];
}

function serverRows({ server }: StreamFacts): StatRow[] {
  if (!server) return [];
  return [
    { name: "Encoder", value: server.encoder },
    { name: "Chosen because", value: server.encoderReason },
    { name: "Encoded", value: `${server.frames} fps, ${milliseconds(server.encodeMs)} each` },
    {
      name: "Encoder bitrate",
      value: `${bitrate(server.videoBps)} of ${bitrate(server.targetBps)}`,
    },
  ];
}

function row(name: string, value: string | undefined): StatRow[] {
  return value === undefined ? [] : [{ name, value }];
}

function milliseconds(ms: number): string {
  return `${ms.toFixed(1)} ms`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

export function bitrate(bps: number): string {
  return bps < 1e6 ? `${Math.round(bps / 1e3)} kbit/s` : `${(bps / 1e6).toFixed(1)} Mbit/s`;
}
