import assert from "node:assert/strict";
import test from "node:test";
import { decodeShareMade, decodeShares } from "../src/core/decode-people.js";
import { MalformedMessage } from "../src/core/shape.js";
import { endOf, newShare } from "../src/core/share.js";
import { viewerLanguage } from "../src/core/texts.js";

const SHARE = {
  id: "00ff",
  role: "view",
  label: "Bob",
  createdUnixMs: 1,
  expiresUnixMs: 2,
} as const;

test("a link is ordered with its role, its time and its label", () => {
  assert.deepEqual(newShare("view", "hour", " Bob "), {
    role: "view",
    label: "Bob",
    expiresInS: 3600,
  });
  assert.deepEqual(newShare("own", "session", ""), { role: "own", label: "" });
});

test("answers of the API about links are read or refused", () => {
  assert.deepEqual(decodeShares({ items: [SHARE] }), [SHARE]);
  const made = { share: SHARE, secret: "s", path: "/session/a#share=s" };
  assert.deepEqual(decodeShareMade(made), made);
  for (const bad of [null, {}, { items: {} }, { items: [{ ...SHARE, role: "admin" }] }]) {
    assert.throws(() => decodeShares(bad), MalformedMessage);
  }
});

test("a link's end is said in words", () => {
  const english = viewerLanguage(["en"]);
  const say = (share: object, nowMs: number) =>
    english.say(endOf({ ...SHARE, ...share }, nowMs, english));
  assert.equal(say({}, 5), "expired");
  assert.match(say({ expiresUnixMs: Date.UTC(2030, 0, 2, 12) }, 5), /^until Jan 2, 2030/);
  const { expiresUnixMs: _, ...endless } = SHARE;
  assert.equal(english.say(endOf(endless, 5, english)), "until the session ends");
});
