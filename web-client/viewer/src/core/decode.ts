// From a server's text to a message, or an error.
//
// Unknown fields are ignored and an unknown error code is kept: a newer server may add both.

import {
  MAX_MESSAGE_BYTES,
  type Candidate,
  type ClipboardItem,
  type ClipboardMessage,
  type Code,
  type Cursor,
  type DisplaySize,
  type FrameTimes,
  type IceServer,
  type Pointers,
  type ServerMessage,
  type ServerSignal,
  type StreamStats,
} from "./protocol.js";
import { ROLES, chatLine, decodePointers, personHere } from "./decode-people.js";
import { Fields, MalformedMessage } from "./shape.js";

const MAX_SIGNAL_LENGTH = 128 * 1024;
const MAX_CLIPBOARD_MESSAGE_LENGTH = 512;

/** @throws MalformedMessage */
export function parseServerSignal(text: string): ServerSignal {
  return decodeServerSignal(parse(text, MAX_SIGNAL_LENGTH));
}

/** @throws MalformedMessage */
export function parseServerMessage(text: string): ServerMessage {
  return decodeServerMessage(parse(text, MAX_MESSAGE_BYTES));
}

/** @throws MalformedMessage */
export function parsePointers(text: string): Pointers {
  return decodePointers(parse(text, MAX_MESSAGE_BYTES));
}

/** @throws MalformedMessage */
export function parseClipboardMessage(text: string): ClipboardMessage {
  const fields = new Fields(parse(text, MAX_CLIPBOARD_MESSAGE_LENGTH));
  const type = fields.oneOf("type", ["offer", "taken", "refused"]);
  const id = fields.u32("id");
  if (type !== "offer") return { type, id };
  const items = fields.list("items").map(clipboardItem);
  if (items.length === 0) throw new MalformedMessage("items is empty");
  return { type, id, items };
}

function clipboardItem(value: unknown): ClipboardItem {
  const fields = new Fields(value);
  return { kind: fields.oneOf("kind", ["text", "html", "png"]), bytes: fields.u32("bytes") };
}

/** @throws MalformedMessage */
export function decodeServerSignal(value: unknown): ServerSignal {
  const fields = new Fields(value);
  const type = fields.oneOf("type", ["welcome", "answer", "candidate", "copied", "error"]);
  switch (type) {
    case "welcome":
      return {
        type,
        session: fields.string("session"),
        viewer: fields.u32("viewer"),
        role: fields.oneOf("role", ROLES),
        display: displaySize(fields.object("display")),
        iceServers: fields.list("iceServers").map((server) => iceServer(new Fields(server))),
        ...present(
          "resume",
          fields.optional("resume", (name) => fields.string(name)),
        ),
      };
    case "answer":
      return { type, sdp: fields.string("sdp") };
    case "candidate":
      return { type, ...candidate(fields) };
    case "copied":
      return { type, text: fields.string("text"), last: fields.boolean("last") };
    case "error":
      return {
        type,
        code: fields.string("code") as Code,
        message: fields.string("message"),
        retry: fields.boolean("retry"),
      };
  }
}

/** @throws MalformedMessage */
export function decodeServerMessage(value: unknown): ServerMessage {
  const fields = new Fields(value);
  const type = fields.oneOf("type", [
    "display",
    "cursor",
    "viewers",
    "stats",
    "pong",
    "frames",
    "notice",
    "people",
    "devices",
    "chat",
  ]);
  switch (type) {
    case "display":
      return { type, ...displaySize(fields) };
    case "cursor":
      return { type, ...cursor(fields) };
    case "viewers":
      return { type, count: fields.u32("count") };
    case "stats":
      return { type, ...streamStats(fields) };
    case "pong":
      return { type, id: fields.u32("id"), atUs: fields.count("atUs") };
    case "frames":
      return { type, frames: fields.list("frames").map((times) => frameTimes(new Fields(times))) };
    case "notice":
      return { type, code: fields.string("code") as Code, message: fields.string("message") };
    case "people":
      return { type, you: fields.u32("you"), people: fields.list("people").map(personHere) };
    case "devices":
      return {
        type,
        gamepads: fields.oneOf("gamepads", DEVICE_SUPPORT),
        webcam: fields.oneOf("webcam", DEVICE_SUPPORT),
      };
    case "chat":
      return { type, lines: fields.list("lines").map(chatLine) };
  }
}

const DEVICE_SUPPORT = ["ready", "missing", "denied", "unused"] as const;

function parse(text: string, maxLength: number): unknown {
  if (text.length > maxLength) throw new MalformedMessage("the message is too long");
  try {
    return JSON.parse(text);
  } catch {
    throw new MalformedMessage("the message is not JSON");
  }
}

function displaySize(fields: Fields): DisplaySize {
  return { width: fields.u16("width"), height: fields.u16("height") };
}

function candidate(fields: Fields): Candidate {
  return {
    candidate: fields.string("candidate"),
    ...present(
      "sdpMid",
      fields.optional("sdpMid", (name) => fields.string(name)),
    ),
    ...present(
      "sdpMLineIndex",
      fields.optional("sdpMLineIndex", (name) => fields.u16(name)),
    ),
    ...present(
      "usernameFragment",
      fields.optional("usernameFragment", (name) => fields.string(name)),
    ),
  };
}

function iceServer(fields: Fields): IceServer {
  const urls = fields.list("urls");
  if (!urls.every((url): url is string => typeof url === "string")) {
    throw new MalformedMessage("urls holds something else than strings");
  }
  return {
    urls,
    ...present(
      "username",
      fields.optional("username", (name) => fields.string(name)),
    ),
    ...present(
      "credential",
      fields.optional("credential", (name) => fields.string(name)),
    ),
  };
}

function cursor(fields: Fields): Cursor {
  const shape = {
    width: fields.u16("width"),
    height: fields.u16("height"),
    hotspotX: fields.u16("hotspotX"),
    hotspotY: fields.u16("hotspotY"),
    rgba: fields.string("rgba"),
  };
  if (base64Bytes(shape.rgba) !== shape.width * shape.height * 4) {
    throw new MalformedMessage("rgba does not hold width * height pixels");
  }
  return shape;
}

function streamStats(fields: Fields): StreamStats {
  return {
    encoder: fields.string("encoder"),
    encoderReason: fields.string("encoderReason"),
    frames: fields.u32("frames"),
    videoBps: fields.u32("videoBps"),
    targetBps: fields.u32("targetBps"),
    encodeMs: fields.number("encodeMs"),
  };
}

function frameTimes(fields: Fields): FrameTimes {
  return {
    rtpTimestamp: fields.u32("rtpTimestamp"),
    sentUs: fields.count("sentUs"),
    damageUs: fields.u32("damageUs"),
    grabUs: fields.u32("grabUs"),
    convertUs: fields.u32("convertUs"),
    encodeUs: fields.u32("encodeUs"),
    queueUs: fields.u32("queueUs"),
  };
}

/** How many bytes a base64 text holds. */
function base64Bytes(text: string): number {
  const match = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text);
  if (!match) throw new MalformedMessage("rgba is not base64");
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  return (text.length / 4) * 3 - padding;
}

function present<K extends string, V>(name: K, value: V | undefined): { [key in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { [key in K]: V });
}
