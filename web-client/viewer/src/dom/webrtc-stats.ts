// Reads what the stats panel shows from a peer connection's report.

import type { Phrase } from "../core/language.js";
import type { Counters } from "../core/stats.js";
import { phrase } from "../core/texts.js";

export interface WebrtcSample {
  counters: Counters | null;
  codec?: string;
  decoder?: string;
  route?: Phrase;
  /** As ICE measures it, between the network's two ends. */
  rttMs?: number;
}

type Entry = Record<string, unknown>;

export function readReport(report: RTCStatsReport): WebrtcSample {
  const entries = [...report.values()] as Entry[];
  const byId = (id: unknown) => entries.find((entry) => entry["id"] === id);
  const video = entries.find(({ type, kind }) => type === "inbound-rtp" && kind === "video");
  const transport = entries.find(({ type }) => type === "transport");
  const pair = byId(transport?.["selectedCandidatePairId"]);
  const local = byId(pair?.["localCandidateId"]);
  return {
    counters: video ? counters(video) : null,
    ...text("codec", byId(video?.["codecId"])?.["mimeType"]),
    ...text("decoder", video?.["decoderImplementation"]),
    ...(local ? { route: route(local) } : {}),
    ...roundTrip(pair),
  };
}

function counters(video: Entry): Counters {
  const count = (name: string) => (typeof video[name] === "number" ? video[name] : 0);
  return {
    timeMs: count("timestamp"),
    bytes: count("bytesReceived"),
    frames: count("framesDecoded"),
    framesDropped: count("framesDropped"),
    packets: count("packetsReceived"),
    packetsLost: count("packetsLost"),
  };
}

function roundTrip(pair: Entry | undefined): { rttMs?: number } {
  const seconds = pair?.["currentRoundTripTime"];
  return typeof seconds === "number" ? { rttMs: seconds * 1000 } : {};
}

function route(local: Entry): Phrase {
  const protocol = String(local["protocol"]);
  return phrase(local["candidateType"] === "relay" ? "relayed" : "direct", { protocol });
}

function text<K extends string>(name: K, value: unknown): { [key in K]?: string } {
  return typeof value === "string" ? ({ [name]: value } as { [key in K]: string }) : {};
}
