// The answer of a session's `connect`.

import type { ClipboardPolicy, FilePolicy, Join, Policy } from "./protocol.js";
import { Fields } from "./shape.js";

/** @throws MalformedMessage */
export function decodeJoin(value: unknown): Join {
  const fields = new Fields(value);
  return {
    session: fields.string("session"),
    role: fields.oneOf("role", ["view", "control"]),
    token: fields.string("token"),
    expiresInS: fields.u32("expiresInS"),
    signalPath: fields.string("signalPath"),
    vncPath: fields.string("vncPath"),
    filesPath: fields.string("filesPath"),
    policy: decodePolicy(fields.object("policy")),
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
  const rate = fields.optional("bytesPerSecond", (name) => fields.count(name));
  return {
    upload: fields.boolean("upload"),
    download: fields.boolean("download"),
    maxBytes: fields.count("maxBytes"),
    ...(rate === undefined ? {} : { bytesPerSecond: rate }),
  };
}
