import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import test from "node:test";
import {
  decodeServerMessage,
  decodeServerSignal,
  parseServerMessage,
  parseServerSignal,
} from "../src/core/decode.js";
import { decodePointers } from "../src/core/decode-people.js";
import { decodeJoin } from "../src/core/join.js";
import { MalformedMessage } from "../src/core/shape.js";

const DISPLAY = { width: 1280, height: 720 };
const PIXEL = "AAAAAA==";

const MESSAGES: object[] = [
  { type: "display", ...DISPLAY },
  { type: "cursor", width: 1, height: 1, hotspotX: 0, hotspotY: 0, rgba: PIXEL },
  { type: "cursor", width: 0, height: 0, hotspotX: 0, hotspotY: 0, rgba: "" },
  { type: "viewers", count: 2 },
  { type: "frames", frames: [] },
  {
    type: "stats",
    encoder: "x264",
    encoderReason: "no GPU",
    frames: 60,
    videoBps: 4_000_000,
    targetBps: 6_000_000,
    encodeMs: 5.5,
  },
  { type: "pong", id: 4_294_967_295, atUs: 0 },
  { type: "notice", code: "encoder-unavailable", message: "x" },
];

const SIGNALS: object[] = [
  {
    type: "welcome",
    session: "a",
    viewer: 1,
    role: "control",
    display: DISPLAY,
    iceServers: [{ urls: ["turn:a"], username: "u", credential: "c" }, { urls: [] }],
  },
  { type: "answer", sdp: "v=0" },
  { type: "candidate", candidate: "", sdpMid: "0", sdpMLineIndex: 0, usernameFragment: "f" },
  { type: "candidate", candidate: "c" },
  { type: "error", code: "token-expired", message: "x", retry: true },
];

const MALFORMED_MESSAGES: unknown[] = [
  null,
  [],
  "pong",
  {},
  { type: "unheard-of" },
  { type: "pong", id: 1, atUs: 2 ** 53 },
  { type: "pong", id: 1, atUs: 0.5 },
  { type: "frames", frames: {} },
  { type: "frames", frames: [null] },
  { type: "display", width: -1, height: 1 },
  { type: "display", width: 65_536, height: 1 },
  { type: "display", width: "1", height: 1 },
  { type: "display", width: 1.5, height: 1 },
  { type: "cursor", width: 2, height: 1, hotspotX: 0, hotspotY: 0, rgba: PIXEL },
  { type: "cursor", width: 1, height: 1, hotspotX: 0, hotspotY: 0, rgba: "?AAAAA==" },
  { type: "stats", encoder: "x264" },
];

const MALFORMED_SIGNALS: unknown[] = [
  { type: "welcome" },
  { type: "answer", sdp: 1 },
  { type: "candidate", candidate: "c", sdpMLineIndex: "0" },
  { type: "error", code: "internal", message: "x", retry: "no" },
];

test("messages of every type are read as they are", () => {
  for (const message of MESSAGES) assert.deepEqual(decodeServerMessage(message), message);
  for (const signal of SIGNALS) assert.deepEqual(decodeServerSignal(signal), signal);
});

test("malformed messages are an error that names no content", () => {
  for (const message of MALFORMED_MESSAGES) {
    assert.throws(() => decodeServerMessage(message), MalformedMessage, JSON.stringify(message));
  }
  for (const signal of MALFORMED_SIGNALS) {
    assert.throws(() => decodeServerSignal(signal), MalformedMessage, JSON.stringify(signal));
  }
});

test("text that is no JSON, or too much of it, is an error", () => {
  assert.throws(() => parseServerSignal("{"), MalformedMessage);
  assert.throws(() => parseServerSignal(" ".repeat(200_000)), MalformedMessage);
  const pong = { type: "pong", id: 1, atUs: 2 };
  assert.deepEqual(parseServerMessage(JSON.stringify(pong)), pong);
});

test("null counts as an absent field and unknown fields are dropped", () => {
  const candidate = { type: "candidate", candidate: "c", sdpMid: null, later: 1 };
  assert.deepEqual(decodeServerSignal(candidate), { type: "candidate", candidate: "c" });
});

test("an answer to connect is checked as well", () => {
  const join = {
    session: "a",
    role: "view",
    token: "t",
    expiresInS: 30,
    signalPath: "/s",
    vncPath: "/v",
    vnc: { enabled: true, maxQuality: 3, maxBytesPerSecond: 65536 },
    filesPath: "/f",
    policy: {
      clipboard: { toSession: true, toBrowser: false, kinds: ["text"], maxBytes: 1 },
      files: { upload: true, download: true, maxBytes: 2, bytesPerSecond: 1e9 },
    },
  };
  assert.deepEqual(decodeJoin(join), join);
  assert.throws(() => decodeJoin({ ...join, role: "root" }), MalformedMessage);
});

interface Vector {
  name: string;
  type: "ServerSignal" | "ServerMessage";
  valid: boolean;
  message: unknown;
}

/** The server's own tests read the same file. */
const VECTORS = "../protocol/vectors/server-messages.json";

const DECODERS: Record<string, (value: unknown) => unknown> = {
  ServerSignal: decodeServerSignal,
  Pointers: decodePointers,
};

test("the shared vectors", { skip: !existsSync(VECTORS) && `${VECTORS} is not here` }, () => {
  const vectors = JSON.parse(readFileSync(VECTORS, "utf8")) as Vector[];
  for (const { name, type, valid, message } of vectors) {
    const decode = DECODERS[type] ?? decodeServerMessage;
    if (valid) assert.doesNotThrow(() => decode(message), name);
    else assert.throws(() => decode(message), MalformedMessage, name);
  }
});
