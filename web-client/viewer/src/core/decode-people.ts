// The messages about people: who is here, what they write, where they point.

import type {
  ChatLine,
  PersonHere,
  PersonPointer,
  Pointers,
  Role,
  Share,
  ShareMade,
} from "./protocol.js";
import { Fields } from "./shape.js";

export const ROLES: readonly Role[] = ["view", "control", "own"];

/** @throws MalformedMessage */
export function personHere(value: unknown): PersonHere {
  const fields = new Fields(value);
  return {
    viewer: fields.u32("viewer"),
    name: fields.string("name"),
    guest: fields.boolean("guest"),
    role: fields.oneOf("role", ROLES),
    asks: fields.boolean("asks"),
    path: fields.oneOf("path", ["webrtc", "vnc"]),
  };
}

/** @throws MalformedMessage */
export function chatLine(value: unknown): ChatLine {
  const fields = new Fields(value);
  return {
    number: fields.u32("number"),
    viewer: fields.u32("viewer"),
    name: fields.string("name"),
    text: fields.string("text"),
    ageMs: fields.u32("ageMs"),
  };
}

/** @throws MalformedMessage */
export function decodePointers(value: unknown): Pointers {
  return { pointers: new Fields(value).list("pointers").map(personPointer) };
}

function personPointer(value: unknown): PersonPointer {
  const fields = new Fields(value);
  return { viewer: fields.u32("viewer"), x: fields.u16("x"), y: fields.u16("y") };
}

/** @throws MalformedMessage */
export function decodeShares(value: unknown): Share[] {
  return new Fields(value).list("items").map((item) => share(new Fields(item)));
}

/** @throws MalformedMessage */
export function decodeShareMade(value: unknown): ShareMade {
  const fields = new Fields(value);
  return {
    share: share(fields.object("share")),
    secret: fields.string("secret"),
    path: fields.string("path"),
  };
}

function share(fields: Fields): Share {
  const expires = fields.optional("expiresUnixMs", (name) => fields.count(name));
  return {
    id: fields.string("id"),
    role: fields.oneOf("role", ROLES),
    label: fields.string("label"),
    createdUnixMs: fields.count("createdUnixMs"),
    ...(expires === undefined ? {} : { expiresUnixMs: expires }),
  };
}
