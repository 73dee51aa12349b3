// The figures of the stats panel, from counters that only grow.

import type { Language, Phrase, Saying } from "./language.js";
import type { DisplaySize, Latency, StreamStats } from "./protocol.js";
import { phrase } from "./texts.js";

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
  path: "WebRTC" | "VNC";
  size: DisplaySize;
  codec?: string;
  decoder?: string;
  route?: Phrase;
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
  language: Language,
  facts: StreamFacts,
  now: Counters | null,
  before: Counters | null,
): StatRow[] {
  return [
    ...factRows(language, facts),
    ...(now && before ? rateRows(language, now, before) : []),
    ...(facts.server ? serverRows(language, facts.server) : []),
  ].map(({ name, value }) => ({ name: language.say(name), value: language.say(value) }));
}

interface Row {
  name: Saying;
  value: Saying;
}

function factRows(language: Language, facts: StreamFacts): Row[] {
  const { path, route, size, codec, decoder, rttMs, viewers } = facts;
  const way = route === undefined ? path : `${path}, ${language.say(route)}`;
  return [
    { name: phrase("path"), value: way },
    { name: phrase("desktopSize"), value: language.isolate(`${size.width} × ${size.height}`) },
    ...row(phrase("codec"), codec),
    ...row(phrase("decoder"), decoder),
    ...row(phrase("roundTrip"), rttMs === undefined ? undefined : language.milliseconds(rttMs)),
    ...row(phrase("viewers"), viewers === undefined ? undefined : language.number(viewers)),
  ];
}

function rateRows(language: Language, now: Counters, before: Counters): Row[] {
  const seconds = (now.timeMs - before.timeMs) / 1000;
  if (seconds <= 0) return [];
  const grown = (name: keyof Counters) => now[name] - before[name];
  const packets = grown("packets") + grown("packetsLost");
  const lost = packets > 0 ? language.percent(grown("packetsLost") / packets) : undefined;
  return [
    { name: phrase("frames"), value: frameRate(Math.round(grown("frames") / seconds)) },
    bitrateRow(language, (grown("bytes") * 8) / seconds),
    { name: phrase("framesDropped"), value: language.number(now.framesDropped) },
    ...row(phrase("packetsLost"), lost),
  ];
}

function serverRows(language: Language, server: StreamStats): Row[] {
  const time = language.milliseconds(server.encodeMs);
  const now = bitrate(language, server.videoBps);
  const target = bitrate(language, server.targetBps);
  return [
    { name: phrase("encoder"), value: server.encoder },
    { name: phrase("encoderReason"), value: server.encoderReason },
    {
      name: phrase("encoded"),
      value: phrase("encodedEach", { rate: frameRate(server.frames), time }),
    },
    { name: phrase("encoderBitrate"), value: phrase("ofTarget", { now, target }) },
  ];
}

function row(name: Phrase, value: string | undefined): Row[] {
  return value === undefined ? [] : [{ name, value }];
}

export function bitrateRow(language: Language, bps: number): StatRow {
  return { name: language.say(phrase("bitrate")), value: bitrate(language, bps) };
}

function frameRate(rate: number): Phrase {
  return phrase("framesPerSecond", { rate });
}

function bitrate(language: Language, bps: number): string {
  return language.isolate(
    bps < 1e6
      ? `${language.number(Math.round(bps / 1e3))} kbit/s`
      : `${language.number(bps / 1e6, 1)} Mbit/s`,
  );
}
