import assert from "node:assert/strict";
import { test } from "node:test";
import { entriesOf } from "../lib/measure/desktop.mjs";
import { reachTable } from "../lib/report/reach.mjs";
import { tables } from "../lib/report/tables.mjs";

const clicks = (p50, p95) => ({ clicks: { samples: 9, lost: 0, p50, p95, p99: p95 } });
const latencyOf = (peer, p50, p95) => ({
  ...{ peer, label: peer, size: "1280x720", element: "video" },
  ...{ still: clicks(p50, p95), scroll: clicks(p50, p95), video: clicks(p50, p95) },
});
const machine = { processors: 2 };

test("an aim is reached when the ratio to the best peer is small enough", () => {
  const results = [latencyOf("streamspace", 20, 60), latencyOf("novnc", 40, 50), latencyOf("webrtcbin", 80, 90)];
  const table = reachTable({ latency: { machine, results } });
  assert.match(table, /still, p50, to the best peer, 1280x720 \| ≤ 0.8 \| 0.50 \| reached/);
  assert.match(table, /still, p95, to the best peer, 1280x720 \| ≤ 1 \| 1.20 \| \*\*not reached\*\*/);
});

test("another way of showing our own picture is no peer", () => {
  const results = [latencyOf("streamspace", 20, 60), latencyOf("streamspace-webcodecs", 10, 10), latencyOf("novnc", 40, 60)];
  assert.match(reachTable({ latency: { machine, results } }), /still, p50.*\| 0.50 \| reached/);
});

test("stages without any time are stages that were not measured", () => {
  const cpu = { total: 1, xserver: 0 };
  const scene = { cpu, fps: 60, kbps: 1, ssim: 1 };
  const stages = ["damage", "grab", "convert"].map((stage) => ({ stage, p50Us: 0, p95Us: 0, p99Us: 0 }));
  const ours = {
    ...{ peer: "streamspace", label: "StreamSpace", size: "1280x720", still: { ssim: 1 }, video: scene },
    ...{ scroll: { ...scene, stages }, typing: { cpu }, idle: { cpu, kbps: 1 }, memory: { pssMb: 1, rssMb: 1 } },
  };
  assert.match(reachTable({ load: { machine, results: [ours] } }), /redraw to encoder, p50.*\| – \| – \|/);
});

test("a peer that could not be measured is listed with the reason", () => {
  const failed = { peer: "novnc", label: "noVNC", size: "1280x720", failure: "no picture" };
  const results = [latencyOf("streamspace", 20, 60), ...entriesOf("latency", [failed])];
  assert.match(tables({ latency: { machine, results } }), /noVNC could not be measured: no picture/);
});

test("each part has its own figures of an entry", () => {
  const entry = { ...latencyOf("novnc", 1, 2), idle: { kbps: 0 } };
  entry.scroll.fps = 42;
  assert.equal(entriesOf("latency", [entry])[0].scroll.fps, undefined);
  assert.equal(entriesOf("latency", [entry])[0].idle, undefined);
  const [load] = entriesOf("load", [entry]);
  assert.deepEqual([load.scroll.fps, load.scroll.clicks, load.idle.kbps], [42, undefined, 0]);
});
