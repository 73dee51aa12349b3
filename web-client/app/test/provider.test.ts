import assert from "node:assert/strict";
import test from "node:test";
import { providerProblem } from "../src/notice.js";
import { signInProblem } from "../src/route.js";
import { appLanguage } from "../src/texts.js";

test("why the provider has signed nobody in is read from the fragment", () => {
  assert.equal(signInProblem("#signin-problem=provider-unreachable"), "provider-unreachable");
  assert.equal(signInProblem("#signin=abc"), null);
  assert.equal(signInProblem(""), null);
});

test("each reason is said in words of its own, and what is unknown in general ones", () => {
  const english = appLanguage(["en"]);
  const codes = ["provider-unreachable", "sign-in-stale", "not-admitted", "<script>"];
  const said = codes.map((code) => english.say(providerProblem(code)));
  assert.equal(new Set(said).size, codes.length);
  assert.ok(!said.join().includes("script"));
  assert.equal(english.say(providerProblem("provider-refused")), said.at(-1));
});
