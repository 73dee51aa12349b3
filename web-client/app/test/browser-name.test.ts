import assert from "node:assert/strict";
import test from "node:test";
import { browserName } from "../src/account/browser-name.js";

test("browsers are called by the name that people know", () => {
  const webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";
  for (const [agent, expected] of [
    ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"],
    [
      `Mozilla/5.0 (X11; Linux x86_64) ${webkit} HeadlessChrome/140.0 Safari/537.36`,
      "Chrome, Linux",
    ],
    [
      `Mozilla/5.0 (Windows NT 10.0) ${webkit} Chrome/140.0 Safari/537.36 Edg/140.0`,
      "Edge, Windows",
    ],
    [
      `Mozilla/5.0 (Linux; Android 15) ${webkit} Chrome/140.0 Mobile Safari/537.36`,
      "Chrome, Android",
    ],
    [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
      "Safari, iOS",
    ],
    ["Firefox/1", "Firefox"],
    ["curl/8.5.0", null],
    ["", null],
  ] as const) {
    assert.equal(browserName(agent), expected, agent);
  }
});
