import assert from "node:assert/strict";
import test from "node:test";
import { Chat, chatText } from "../src/core/chat.js";
import { MAX_CHAT_CHARS, type ChatLine } from "../src/core/protocol.js";

function line(number: number, more: Partial<ChatLine> = {}): ChatLine {
  return { number, viewer: 2, name: "Bob", text: `line ${number}`, ageMs: 0, ...more };
}

test("lines of others are unread until they are looked at, one's own never", () => {
  const chat = new Chat();
  chat.add([line(0), line(1, { viewer: 1 }), line(2)], 1, 10_000);
  assert.equal(chat.unread, 2);
  chat.read();
  assert.equal(chat.unread, 0);
  chat.add([line(3)], 1, 10_000);
  assert.equal(chat.unread, 1);
});

test("what is told again after a reconnect is neither doubled nor new", () => {
  const chat = new Chat();
  chat.add([line(0), line(1)], 1, 10_000);
  chat.read();
  chat.reconnected();
  const live = chat.add([line(0, { ageMs: 50 }), line(1, { ageMs: 40 }), line(2)], 7, 10_050);
  assert.deepEqual(
    chat.lines.map(({ number }) => number),
    [0, 1, 2],
  );
  assert.deepEqual([chat.unread, live.length], [1, 1]);
});

test("a session that counts anew begins anew", () => {
  const chat = new Chat();
  chat.add([line(50)], 1, 0);
  chat.read();
  chat.reconnected();
  chat.add([line(0)], 1, 0);
  assert.deepEqual([chat.lines.length, chat.unread], [1, 1]);
});

test("old lines are shown with their time and not announced", () => {
  const chat = new Chat();
  assert.deepEqual(chat.add([line(0, { ageMs: 60_000 })], 1, 100_000), []);
  assert.equal(chat.lines[0]?.timeMs, 40_000);
});

test("the last hundred lines are kept", () => {
  const chat = new Chat();
  for (let number = 0; number < 150; number++) chat.add([line(number)], 1, 0);
  assert.deepEqual([chat.lines.length, chat.lines[0]?.number], [100, 50]);
});

test("a text is sent without the space around it, and not if nothing is left", () => {
  assert.equal(chatText("  hello\n"), "hello");
  assert.equal(chatText(" \n "), null);
  assert.equal([...(chatText("😀".repeat(600)) ?? "")].length, MAX_CHAT_CHARS);
});
