// The answer of a session's `connect`.

import type { Join } from "./protocol.js";
import { ROLES } from "./decode-people.js";
import { Fields } from "./shape.js";

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
  };
}
