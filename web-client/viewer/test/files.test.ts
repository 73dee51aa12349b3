import assert from "node:assert/strict";
import test from "node:test";
import {
  decodeFolder,
  decodeUploadState,
  dropFolder,
  fileAddress,
  filesAccess,
  foldersTo,
  joinPath,
  nameOf,
  parentOf,
  visible,
} from "../src/core/files.js";
import { decodeJoin } from "../src/core/join.js";
import type { Folder } from "../src/core/protocol.js";
import { MalformedMessage } from "../src/core/shape.js";
import { viewerLanguage } from "../src/core/texts.js";

const JOIN = {
  session: "desk",
  role: "control",
  token: "t",
  expiresInS: 15,
  signalPath: "/signal",
  vncPath: "/vnc",
  vnc: { enabled: true },
  filesPath: "/files",
  policy: {
    clipboard: { toSession: true, toBrowser: true, kinds: ["text", "png"], maxBytes: 5 },
    files: { upload: true, download: false, maxBytes: 7, bytesPerSecond: 9 },
  },
};

function folder(...names: string[]): Folder {
  const entries = names.map((name) => ({
    name: name.replace("/", ""),
    kind: name.endsWith("/") ? ("folder" as const) : ("file" as const),
    bytes: 0,
    modifiedUnixMs: 0,
  }));
  return { entries, leftOut: 0 };
}

test("who may do nothing with files has none", () => {
  const access = (join: object) => filesAccess(decodeJoin({ ...JOIN, ...join }));
  assert.deepEqual(access({}), { address: "/files", policy: JOIN.policy.files });
  assert.equal(access({ role: "view" }), null);
  const files = { ...JOIN.policy.files, upload: false };
  assert.equal(access({ policy: { ...JOIN.policy, files } }), null);
});

test("a policy that is none is refused", () => {
  for (const policy of [
    {},
    null,
    { ...JOIN.policy, files: {} },
    { ...JOIN.policy, clipboard: [] },
  ]) {
    assert.throws(() => decodeJoin({ ...JOIN, policy }), MalformedMessage);
  }
});

test("odd names make plain addresses", () => {
  const access = { address: "/api/files", policy: JOIN.policy.files };
  assert.equal(fileAddress(access, ""), "/api/files");
  assert.equal(fileAddress(access, "a b/ü?#%/.."), "/api/files/a%20b/%C3%BC%3F%23%25/..");
});

test("paths are put together and taken apart", () => {
  assert.equal(joinPath("", "a"), "a");
  assert.equal(joinPath("a/b", "c"), "a/b/c");
  assert.equal(parentOf("a/b/c"), "a/b");
  assert.equal(parentOf("a"), "");
  assert.equal(nameOf("a/b/c"), "c");
  assert.deepEqual(foldersTo("a/b"), [
    { name: "a", path: "a" },
    { name: "b", path: "a/b" },
  ]);
  assert.deepEqual(foldersTo(""), []);
});

test("what is dropped goes into sight where the desktop shows a folder", () => {
  assert.equal(dropFolder(folder("Desktop/", "x")), "Desktop");
  assert.equal(dropFolder(folder("Desktop", "Downloads/")), "Downloads");
  assert.equal(dropFolder(folder()), "Downloads");
});

test("what programs keep to themselves is not shown", () => {
  const names = visible(folder(".config/", "a", "..b")).map(({ name }) => name);
  assert.deepEqual(names, ["a"]);
});

test("a listing is read, and a broken one refused", () => {
  const listing = folder("a", "b/");
  assert.deepEqual(decodeFolder(JSON.parse(JSON.stringify(listing))), listing);
  for (const broken of [{}, { entries: [{}], leftOut: 0 }, { entries: [], leftOut: -1 }, []]) {
    assert.throws(() => decodeFolder(broken), MalformedMessage);
  }
  assert.deepEqual(decodeUploadState({ offset: 5 }), { offset: 5 });
  assert.deepEqual(decodeUploadState({ offset: 5, path: "a" }), { offset: 5, path: "a" });
  assert.throws(() => decodeUploadState({ offset: "5" }), MalformedMessage);
});

test("amounts are said in the unit that suits them", () => {
  const language = viewerLanguage(["en"]);
  assert.equal(language.bytes(0), "0 byte");
  assert.equal(language.bytes(999), "999 byte");
  assert.equal(language.bytes(1500), "1.5 kB");
  assert.equal(language.bytes(25_000_000), "25 MB");
  assert.equal(language.bytesPerSecond(2e9), "2.0 GB/s");
});
