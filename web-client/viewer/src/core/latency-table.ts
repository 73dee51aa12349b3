// The stages as the stats panel shows them.

import { STAGES, type Part } from "./latency.js";
import type { Latency, Stage } from "./protocol.js";

export interface LatencyRow {
  stage: Stage;
  label: string;
  /** p50, p95 and p99, in milliseconds. */
  values: [string, string, string];
}

/** A piece of the bar that tiles the median frame's way. */
export interface LatencyPiece {
  stage: Part;
  label: string;
  /** From 0 to 1; all of them together are 1. */
  share: number;
}

const LABELS: Record<Stage, string> = {
  damage: "Damage",
  grab: "Grab",
  convert: "Convert",
  encode: "Encode",
  queue: "Queue",
  network: "Network",
  jitterBuffer: "Jitter buffer",
  decode: "Decode",
  present: "Present",
  total: "Total",
};

export function latencyRows({ stages }: Latency): LatencyRow[] {
  return stages.map(({ stage, p50Us, p95Us, p99Us }) => ({
    stage,
    label: LABELS[stage],
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
    label: LABELS[stage],
    share: sum > 0 ? median / sum : 0,
  }));
}

function milliseconds(us: number): string {
  return (us / 1000).toFixed(1);
}
