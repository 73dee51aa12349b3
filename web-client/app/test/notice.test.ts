import assert from "node:assert/strict";
import test from "node:test";
import type { Code } from "@streamspace/viewer";
import { ApiError } from "../src/api.js";
import { errorSaying } from "../src/notice.js";
import { phrase } from "../src/texts.js";

function refusal(status: number, code: Code, retryAfterS: number | null = null): ApiError {
  const problem = { type: "", title: "", status, code, detail: "the server's words" };
  return new ApiError(status, problem, retryAfterS);
}

test("a lockout says for how many minutes it lasts, rounded up", () => {
  for (const [seconds, count] of [
    [1, 1],
    [60, 1],
    [61, 2],
    [null, 1],
  ] as const) {
    const said = errorSaying(refusal(429, "too-many-tries", seconds));
    assert.deepEqual(said, phrase("tooManyTries", { count }));
  }
});

test("what is wrong in a sign-in is said in the page's language, the rest as the server says it", () => {
  const said = (status: number, code: Code) => errorSaying(refusal(status, code));
  assert.deepEqual(said(401, "credentials-wrong"), phrase("wrongCredentials"));
  assert.deepEqual(said(401, "second-factor-wrong"), phrase("wrongCode"));
  assert.equal(said(507, "storage-full"), "the server's words");
  assert.deepEqual(
    errorSaying(new ApiError(502, null)),
    phrase("answeredStatus", { status: "502" }),
  );
  assert.deepEqual(errorSaying(new TypeError("no route")), phrase("unreachable"));
});
