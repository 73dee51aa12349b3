import assert from "node:assert/strict";
import test from "node:test";
import { ApiError } from "../src/api.js";
import { sessionFailure } from "../src/session-failure.js";

test("a sign-in that expires leaves a desktop that is shown", () => {
  const error = new ApiError(401, null);
  assert.equal(sessionFailure(error, false), "sign-in");
  assert.equal(sessionFailure(error, true), "signed-out");
});

test("a session that is not found has ended, if it was there", () => {
  const error = new ApiError(404, null);
  assert.equal(sessionFailure(error, false), "no-such-session");
  assert.equal(sessionFailure(error, true), "ended");
});

test("other trouble is shown only where there is no desktop", () => {
  for (const error of [new ApiError(503, null), new TypeError("no module")]) {
    assert.equal(sessionFailure(error, false), "trouble");
    assert.equal(sessionFailure(error, true), "none");
  }
});
