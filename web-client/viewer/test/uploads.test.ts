import assert from "node:assert/strict";
import test from "node:test";
import type { Failure } from "../src/core/failure.js";
import { MOST_AT_ONCE, PIECE_BYTES, Uploads } from "../src/core/uploads.js";
import type { FilePolicy } from "../src/core/protocol.js";
import type { UploadEffect } from "../src/core/uploads.js";

const OPEN: FilePolicy = { upload: true, download: true, maxBytes: 1e12, bytesPerSecond: 1e9 };
const cut: Failure = { reason: "the cable was cut", retry: true };
const full: Failure = { reason: "The disk is full.", code: "storage-full", retry: false };

let ids = 0;
const uploads = () => new Uploads(() => String(ids++).padStart(32, "0"));

function brief(effects: UploadEffect[]): unknown[] {
  return effects.map((effect) => {
    if (effect.type === "send") return ["send", effect.upload.key, effect.offset, effect.end];
    if (effect.type === "timer") return ["timer", effect.key, effect.ms];
    return [effect.type, "upload" in effect ? effect.upload.key : effect.key];
  });
}

test("a large file goes piece by piece, and gets its name at the end", () => {
  const queue = uploads();
  const bytes = PIECE_BYTES + 5;
  const key = queue.add("Desktop/a", bytes, OPEN);
  assert.deepEqual(brief(queue.start()), [["send", key, 0, PIECE_BYTES]]);
  const kept = queue.handle({ type: "kept", key, offset: PIECE_BYTES });
  assert.deepEqual(brief(kept), [["send", key, PIECE_BYTES, bytes]]);
  const stored = queue.handle({ type: "kept", key, offset: bytes, path: "Desktop/a (2)" });
  assert.deepEqual(brief(stored), [["release", key]]);
  assert.deepEqual(queue.all[0]?.phase, { name: "done", path: "Desktop/a (2)" });
  assert.equal(queue.isBusy, false);
});

test("a session with a low rate gets smaller pieces", () => {
  const ends = [1, 100_000, 1e9].map((bytesPerSecond) => {
    const queue = uploads();
    queue.add("a", 1e9, { ...OPEN, bytesPerSecond });
    const [send] = queue.start();
    return send?.type === "send" && send.end;
  });
  assert.deepEqual(ends, [64 * 1024, 500_000, PIECE_BYTES]);
});

test("an empty file is sent as well", () => {
  const queue = uploads();
  const key = queue.add("empty", 0, OPEN);
  assert.deepEqual(brief(queue.start()), [["send", key, 0, 0]]);
});

test("what breaks off asks how much has arrived and goes on from there, ever later", () => {
  const queue = uploads();
  const key = queue.add("a", 100, OPEN);
  queue.start();
  const waits = [];
  for (let attempt = 0; attempt < 7; attempt++) {
    const [timer] = queue.handle({ type: "failed", key, failure: cut });
    waits.push(timer?.type === "timer" ? timer.ms : null);
    assert.deepEqual(brief(queue.handle({ type: "timer", key })), [["ask", key]]);
  }
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  assert.deepEqual(brief(queue.handle({ type: "kept", key, offset: 40 })), [
    ["send", key, 40, 100],
  ]);
  assert.equal(queue.all[0]?.sent, 40);
  queue.handle({ type: "kept", key, offset: 60 });
  const [timer] = queue.handle({ type: "failed", key, failure: cut });
  assert.deepEqual(timer?.type === "timer" && timer.ms, 500, "it has moved, so it begins anew");
});

test("another request that is just ending is waited for", () => {
  const queue = uploads();
  const key = queue.add("a", 100, OPEN);
  queue.start();
  const conflict: Failure = { reason: "busy", code: "upload-conflict", retry: false };
  assert.deepEqual(brief(queue.handle({ type: "failed", key, failure: conflict })), [
    ["timer", key, 500],
  ]);
});

test("an answer that lies makes it begin again instead of going on behind the end", () => {
  const queue = uploads();
  const key = queue.add("a", 100, OPEN);
  queue.start();
  for (const offset of [100, 101, Number.MAX_SAFE_INTEGER]) {
    assert.deepEqual(brief(queue.handle({ type: "kept", key, offset })), [["send", key, 0, 100]]);
  }
});

test("a full disk ends an upload until somebody wants it tried again", () => {
  const queue = uploads();
  const key = queue.add("a", 100, OPEN);
  queue.start();
  assert.deepEqual(queue.handle({ type: "failed", key, failure: full }), []);
  assert.deepEqual(queue.all[0]?.phase, { name: "failed", reason: "The disk is full." });
  assert.deepEqual(brief(queue.retry(key)), [["ask", key]]);
});

test("a file over the policy's limit is not even begun", () => {
  const queue = uploads();
  queue.add("a", 101, { ...OPEN, maxBytes: 100 });
  assert.deepEqual(queue.start(), []);
  assert.equal(queue.all[0]?.phase.name, "failed");
});

test("a few go at once, and the others wait for a place", () => {
  const queue = uploads();
  const keys = Array.from({ length: MOST_AT_ONCE + 2 }, (_, i) => queue.add(`${i}`, 1, OPEN));
  assert.equal(queue.start().length, MOST_AT_ONCE);
  assert.deepEqual(queue.start(), []);
  const first = keys[0] ?? 0;
  const after = queue.handle({ type: "kept", key: first, offset: 1, path: "0" });
  assert.deepEqual(brief(after), [
    ["release", first],
    ["send", keys[MOST_AT_ONCE], 0, 1],
  ]);
  const second = keys[1] ?? 0;
  assert.deepEqual(brief(queue.cancel(second)), [
    ["release", second],
    ["discard", second],
    ["send", keys[MOST_AT_ONCE + 1], 0, 1],
  ]);
});

test("what was cancelled says nothing more", () => {
  const queue = uploads();
  const key = queue.add("a", 100, OPEN);
  queue.start();
  queue.cancel(key);
  assert.deepEqual(queue.handle({ type: "progress", key, sent: 5, timeMs: 0 }), []);
  assert.deepEqual(queue.handle({ type: "kept", key, offset: 5 }), []);
  assert.deepEqual(queue.handle({ type: "failed", key, failure: cut }), []);
  assert.deepEqual(queue.all, []);
});

test("progress is counted from where the piece begins, and gives the speed", () => {
  const queue = uploads();
  const key = queue.add("a", 10_000, OPEN);
  queue.start();
  queue.handle({ type: "kept", key, offset: 5000 });
  queue.handle({ type: "progress", key, sent: 1000, timeMs: 0 });
  queue.handle({ type: "progress", key, sent: 3000, timeMs: 1000 });
  assert.equal(queue.all[0]?.sent, 8000);
  assert.equal(queue.bytesPerSecond(1000), 3000);
  assert.equal(queue.bytesPerSecond(60_000), 0);
  queue.handle({ type: "progress", key, sent: 1e9, timeMs: 1000 });
  assert.equal(queue.all[0]?.sent, 10_000);
});

test("clearing the list leaves what still goes", () => {
  const queue = uploads();
  const [done, failed, going] = ["a", "b", "c"].map((path) => queue.add(path, 1, OPEN));
  queue.start();
  queue.handle({ type: "kept", key: done ?? 0, offset: 1, path: "a" });
  queue.handle({ type: "failed", key: failed ?? 0, failure: full });
  queue.clear();
  assert.deepEqual(
    queue.all.map(({ key }) => key),
    [going],
  );
});
