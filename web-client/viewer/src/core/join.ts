// The answer of a session's `connect`.

import type { ClipboardPolicy, FilePolicy, Join, Policy, VncLimits } from "./protocol.js";
import { ROLES } from "./decode-people.js";
import { Fields } from "./shape.js";
import { BEST_QUALITY } from "./vnc-quality.js";

/** @throws MalformedMessage */
export function decodeJoin(value: unknown): Join {
  const fields = new Fields(value);
  return {
    session: fields.string("session"),
    role: fields.oneOf("role", ROLES),
    token: fields.string("token"),
    expiresInS: fields.u32("expiresInS"),
    signalPath: fields.string("signalPath"),
    vncPath: fields.string("vncPath"),
    vnc: vncLimits(fields.object("vnc")),
    filesPath: fields.string("filesPath"),
    policy: decodePolicy(fields.object("policy")),
  };
}

function vncLimits(fields: Fields): VncLimits {
  const maxQuality = fields.optional("maxQuality", (name) => fields.count(name));
  const rate = fields.optional("maxBytesPerSecond", (name) => fields.u32(name));
  return {
    enabled: fields.boolean("enabled"),
    ...(maxQuality === undefined ? {} : { maxQuality: Math.min(maxQuality, BEST_QUALITY) }),
    ...(rate === undefined ? {} : { maxBytesPerSecond: rate }),
  };
}

function decodePolicy(fields: Fields): Policy {
  return {
    clipboard: decodeClipboardPolicy(fields.object("clipboard")),
    files: decodeFilePolicy(fields.object("files")),
  };
}

function decodeClipboardPolicy(fields: Fields): ClipboardPolicy {
  const kinds = fields.list("kinds").map((kind) => {
    return new Fields({ kind }).oneOf("kind", ["text", "html", "png"] as const);
  });
  return {
    toSession: fields.boolean("toSession"),
    toBrowser: fields.boolean("toBrowser"),
    kinds,
    maxBytes: fields.u32("maxBytes"),
  };
}

function decodeFilePolicy(fields: Fields): FilePolicy {
  return {
    upload: fields.boolean("upload"),
    download: fields.boolean("download"),
    maxBytes: fields.count("maxBytes"),
    bytesPerSecond: fields.count("bytesPerSecond"),
  };
}
