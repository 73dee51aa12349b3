import assert from "node:assert/strict";
import test from "node:test";
import { displayOf, routeOf, sessionPath, shareSecret, signInToken } from "../src/route.js";

test("addresses name pages", () => {
  assert.deepEqual(routeOf("/"), { page: "catalog" });
  assert.deepEqual(routeOf("/account"), { page: "account" });
  assert.deepEqual(routeOf(sessionPath("xterm-1a2b")), { page: "session", id: "xterm-1a2b" });
  assert.deepEqual(routeOf("/session/a/"), { page: "session", id: "a" });
});

test("what is no session's name is no session", () => {
  for (const path of ["/session/", "/session/-a", "/session/A", "/session/a/b", "/other"]) {
    assert.deepEqual(routeOf(path), { page: "unknown", path });
  }
});

test("an address says which display it shows", () => {
  assert.equal(displayOf(""), "first");
  assert.equal(displayOf("?display=second"), "second");
  assert.equal(displayOf("?display=third"), "first");
});

test("the sign-in token is read from the fragment", () => {
  assert.equal(signInToken("#signin=abc-_1"), "abc-_1");
  assert.equal(signInToken("#other=1"), null);
  assert.equal(signInToken(""), null);
});

test("the secret of a share link is read from the fragment", () => {
  assert.equal(shareSecret("#share=abc-_1"), "abc-_1");
  assert.equal(shareSecret("#signin=1"), null);
});
