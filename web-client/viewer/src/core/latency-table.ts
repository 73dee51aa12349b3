// The stages as the stats panel shows them.

import type { Language } from "./language.js";
import { STAGES, type Part } from "./latency.js";
import type { Latency, Stage } from "./protocol.js";
import { phrase } from "./texts.js";

export interface LatencyRow {
  stage: Stage;
  label: string;
  /** p50, p95 and p99, in milliseconds. */
  values: [string, string, string];
}

/** A piece of the bar that tiles the median frame's way. */
export interface LatencyPiece {
  stage: Part;
  /** From 0 to 1; all of them together are 1. */
  share: number;
}

export function latencyRows({ stages }: Latency, language: Language): LatencyRow[] {
  const milliseconds = (us: number) => language.number(us / 1000, 1);
  return stages.map(({ stage, p50Us, p95Us, p99Us }) => ({
    stage,
    label: language.say(phrase(stage)),
    values: [milliseconds(p50Us), milliseconds(p95Us), milliseconds(p99Us)],
  }));
}

export function latencyPieces({ stages }: Latency): LatencyPiece[] {
  const medians = STAGES.map((stage) => ({
    stage,
    median: stages.find((entry) => entry.stage === stage)?.p50Us ?? 0,
  }));
  const sum = medians.reduce((total, { median }) => total + median, 0);
  return medians.map(({ stage, median }) => ({
    stage,
    share: sum > 0 ? median / sum : 0,
  }));
}
