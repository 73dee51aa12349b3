import assert from "node:assert/strict";
import test from "node:test";
import { isShellAnswer, shellFile } from "../src/shell.js";

const ORIGIN = "https://desk.example.org";
const FILES = ["/", "/app.js"];

function file(path: string, more: { method?: string; mode?: string } = {}): string | null {
  const request = { method: "GET", mode: "no-cors", url: new URL(path, ORIGIN).href, ...more };
  return shellFile(request, ORIGIN, FILES);
}

test("every page is the same file, and files are themselves", () => {
  for (const page of [
    "/",
    "/#signin=secret",
    "/account",
    "/session/xterm-1",
    "/session/xterm-1/",
  ]) {
    assert.equal(file(page, { mode: "navigate" }), "/", page);
  }
  assert.equal(file("/app.js"), "/app.js");
});

test("the API and all that is not known goes to the server alone", () => {
  for (const path of [
    "/api/v1/sessions",
    "/api/v1/auth/login",
    "/metrics",
    "/app.js?other",
    "https://elsewhere.example.org/app.js",
  ]) {
    assert.equal(file(path), null, path);
    assert.equal(file(path, { mode: "navigate" }), null, path);
  }
  assert.equal(file("/session/xterm-1"), null);
  assert.equal(file("/app.js", { method: "POST" }), null);
});

test("neither an error nor the sign-in page of a proxy is kept", () => {
  const good = { ok: true, type: "basic", redirected: false };
  assert.equal(isShellAnswer(good), true);
  assert.equal(isShellAnswer({ ...good, ok: false }), false);
  assert.equal(isShellAnswer({ ...good, redirected: true }), false);
  assert.equal(isShellAnswer({ ...good, type: "opaque" }), false);
});
