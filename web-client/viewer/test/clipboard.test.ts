import assert from "node:assert/strict";
import test from "node:test";
import {
  ClipboardAssembly,
  SharedClipboard,
  TransferWords,
  itemsOf,
  piecesOf,
  tooLargeNotice,
} from "../src/core/clipboard.js";
import type { ClipboardContent } from "../src/core/clipboard.js";
import { parseClipboardMessage } from "../src/core/decode.js";
import { CLIPBOARD_PIECE_BYTES, type ClipboardPolicy } from "../src/core/protocol.js";
import { MalformedMessage } from "../src/core/shape.js";
import { viewerLanguage } from "../src/core/texts.js";

const OPEN: ClipboardPolicy = {
  toSession: true,
  toBrowser: true,
  kinds: ["text", "html", "png"],
  maxBytes: 1000,
};

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (text: string): ClipboardContent => ({ text: bytes(text) });

test("a text is sent once", () => {
  const clipboard = new SharedClipboard();
  assert.deepEqual(clipboard.local(text("a"), OPEN), { type: "send", content: text("a") });
  assert.deepEqual(clipboard.local(text("a"), OPEN), { type: "keep" });
  assert.deepEqual(clipboard.local({}, OPEN), { type: "keep" });
});

test("a text from before the connection is open is sent after it", () => {
  const clipboard = new SharedClipboard();
  assert.deepEqual(clipboard.local(text("a"), null), { type: "keep" });
  assert.equal(clipboard.local(text("a"), OPEN).type, "send");
});

test("what came from the desktop is not sent back, though the browser has rewritten it", () => {
  const clipboard = new SharedClipboard();
  const content = { ...text("a"), html: bytes("<b>a</b>"), png: bytes("one encoding") };
  assert.equal(clipboard.remote(content), true);
  assert.equal(clipboard.remote(content), false);
  const rewritten = { ...text("a"), html: bytes("<b style=x>a</b>"), png: bytes("another") };
  assert.equal(clipboard.local(rewritten, OPEN).type, "keep");
  assert.equal(clipboard.local(text("a"), OPEN).type, "keep");
});

test("a form that is new is sent, and so is another picture", () => {
  const clipboard = new SharedClipboard();
  clipboard.local(text("a"), OPEN);
  assert.equal(clipboard.local({ ...text("a"), html: bytes("<b>") }, OPEN).type, "send");
  assert.equal(clipboard.local({ png: bytes("one") }, OPEN).type, "send");
  assert.equal(clipboard.local({ png: bytes("one") }, OPEN).type, "keep");
  assert.equal(clipboard.local({ png: bytes("two") }, OPEN).type, "send");
});

test("what did not arrive is sent again", () => {
  const clipboard = new SharedClipboard();
  clipboard.local(text("a"), OPEN);
  clipboard.forget();
  assert.equal(clipboard.local(text("a"), OPEN).type, "send");
});

test("what the policy leaves out stays here", () => {
  const local = (content: ClipboardContent, policy: Partial<ClipboardPolicy>) =>
    new SharedClipboard().local(content, { ...OPEN, ...policy });
  const both = { ...text("a"), png: bytes("p") };
  assert.deepEqual(local(both, { kinds: ["text"] }), { type: "send", content: text("a") });
  assert.equal(local({ png: bytes("p") }, { kinds: ["text"] }).type, "keep");
  assert.equal(local(text("a"), { toSession: false }).type, "not-taken");
  const tooLarge = { type: "too-large", bytes: 2, limit: 1 };
  assert.deepEqual(local(text("é"), { maxBytes: 1 }), tooLarge);
});

test("content survives its way in pieces", () => {
  const large = Uint8Array.from({ length: 3 * CLIPBOARD_PIECE_BYTES + 5 }, (_, i) => i % 251);
  const content = { ...text("grüße"), png: large };
  assert.deepEqual(itemsOf(content), [
    { kind: "text", bytes: 7 },
    { kind: "png", bytes: large.length },
  ]);
  const assembly = new ClipboardAssembly(itemsOf(content), large.length + 7);
  const results = [...piecesOf(content)].map((piece) => {
    assert.ok(piece.length <= CLIPBOARD_PIECE_BYTES);
    return assembly.add(piece);
  });
  assert.deepEqual(results.pop(), content);
  assert.ok(results.every((result) => result === null));
});

test("more than the limit, or than was offered, is refused", () => {
  const items = [{ kind: "text", bytes: 4 } as const];
  assert.throws(() => new ClipboardAssembly(items, 3), MalformedMessage);
  const assembly = new ClipboardAssembly(items, 4);
  assert.throws(() => assembly.add(bytes("12345")), MalformedMessage);
});

test("offers are read, and broken ones refused", () => {
  const offer = { type: "offer", id: 1, items: [{ kind: "png", bytes: 5 }] };
  assert.deepEqual(parseClipboardMessage(JSON.stringify(offer)), offer);
  assert.deepEqual(parseClipboardMessage('{"type":"taken","id":2}'), { type: "taken", id: 2 });
  for (const broken of [
    "",
    "{}",
    '{"type":"offer","id":1,"items":[]}',
    '{"type":"offer","id":1,"items":[{"kind":"gif","bytes":1}]}',
    '{"type":"offer","id":1,"items":[{"kind":"png","bytes":-1}]}',
    '{"type":"taken"}',
    `{"type":"taken","id":1,"x":"${"x".repeat(512)}"}`,
  ]) {
    assert.throws(() => parseClipboardMessage(broken), MalformedMessage, broken);
  }
});

test("a large transfer says how far it is, a few times, and anew for the next", () => {
  const language = viewerLanguage(["en"]);
  const words = new TransferWords("clipboardSending");
  const total = 4e6;
  const say = (done: number) => {
    const text = words.next(done, total, (share) => language.percent(share));
    return text && language.say(text);
  };
  const said = Array.from({ length: 100 }, (_, i) => say((i + 1) * 4e4)).filter(Boolean);
  assert.equal(said.length, 5);
  assert.equal(said.at(-1), "Copying to the desktop: 100.0%");
  assert.equal(say(4e4), "Copying to the desktop: 0.0%");
  assert.equal(words.next(5, 10, String), null, "small ones need no words");
});

test("the notice says how much was too much", () => {
  const notice = tooLargeNotice({ bytes: 2_000_000, limit: 256_000 });
  assert.match(viewerLanguage(["en"]).say(notice), /2.0 MB .* 256 kB/);
});
