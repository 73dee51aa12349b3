import assert from "node:assert/strict";
import test from "node:test";
import { SharedClipboard, tooLargeNotice, utf8Bytes } from "../src/core/clipboard.js";
import { MAX_CLIPBOARD_BYTES } from "../src/core/protocol.js";
import { viewerLanguage } from "../src/core/texts.js";

test("a text is sent once", () => {
  const clipboard = new SharedClipboard();
  assert.deepEqual(clipboard.local("a", Infinity), { type: "send", text: "a" });
  assert.deepEqual(clipboard.local("a", Infinity), { type: "keep" });
  assert.deepEqual(clipboard.local("", Infinity), { type: "keep" });
});

test("a text from before the connection is open is sent after it", () => {
  const clipboard = new SharedClipboard();
  assert.deepEqual(clipboard.local("a", null), { type: "keep" });
  assert.deepEqual(clipboard.local("a", Infinity), { type: "send", text: "a" });
});

test("what came from the desktop is not sent back", () => {
  const clipboard = new SharedClipboard();
  assert.equal(clipboard.remote("a"), true);
  assert.equal(clipboard.remote("a"), false);
  assert.deepEqual(clipboard.local("a", Infinity), { type: "keep" });
});

test("a text over the limit of the protocol or of the channel stays here", () => {
  const clipboard = new SharedClipboard();
  const euros = "€".repeat(MAX_CLIPBOARD_BYTES / 3);
  assert.equal(clipboard.local(euros, Infinity).type, "send");
  assert.equal(clipboard.local(`${euros}€`, Infinity).type, "too-large");
  // A line break takes two bytes in JSON.
  const lines = "\n".repeat(100);
  assert.equal(clipboard.local(lines, 200).type, "too-large");
  assert.equal(clipboard.local(lines, 250).type, "send");
});

test("the notice says how much was too much", () => {
  const notice = tooLargeNotice({ bytes: 2 * 1024 * 1024, limit: 256 * 1024 });
  assert.match(viewerLanguage(["en"]).say(notice), /2048 KiB .* 256 KiB/);
});

test("bytes are counted as UTF-8 has them", () => {
  for (const text of ["", "a", "é", "€", "😀", "a€😀"]) {
    assert.equal(utf8Bytes(text), Buffer.byteLength(text), text);
  }
});
