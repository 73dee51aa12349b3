import assert from "node:assert/strict";
import test from "node:test";
import { viewerLanguage } from "../src/core/texts.js";
import { statRows, type Counters } from "../src/core/stats.js";

const BEFORE: Counters = {
  timeMs: 1000,
  bytes: 0,
  frames: 100,
  framesDropped: 0,
  packets: 0,
  packetsLost: 0,
};
const NOW: Counters = {
  timeMs: 3000,
  bytes: 1_000_000,
  frames: 220,
  framesDropped: 1,
  packets: 990,
  packetsLost: 10,
};
const FACTS = { path: "WebRTC", size: { width: 1280, height: 720 } } as const;
const ENGLISH = viewerLanguage(["en"]);

function rows(now: Counters | null, before: Counters | null): Record<string, string> {
  return Object.fromEntries(
    statRows(ENGLISH, FACTS, now, before).map(({ name, value }) => [name, value]),
  );
}

test("rates are what grew between two moments", () => {
  assert.deepEqual(rows(NOW, BEFORE), {
    Path: "WebRTC",
    Desktop: "1280 × 720",
    Frames: "60 fps",
    Bitrate: "4.0 Mbit/s",
    "Frames dropped": "1",
    "Packets lost": "1.0%",
  });
});

test("the first moment has no rates yet", () => {
  assert.deepEqual(Object.keys(rows(NOW, null)), ["Path", "Desktop"]);
});

test("the people who look on are counted once they are known", () => {
  const watched = statRows(ENGLISH, { ...FACTS, viewers: 2 }, null, null);
  assert.deepEqual(watched.at(-1), { name: "Viewers", value: "2" });
});

test("a still desktop has no frames and no share of lost packets", () => {
  const still = rows({ ...BEFORE, timeMs: 2000 }, BEFORE);
  assert.equal(still["Frames"], "0 fps");
  assert.equal(still["Packets lost"], undefined);
});
