import assert from "node:assert/strict";
import test from "node:test";
import { Keyboard, inputMessages, isLeaveChord, textMessages } from "../src/core/keyboard.js";
import type { KeyInput } from "../src/core/keyboard.js";
import { Outbox } from "../src/core/outbox.js";
import type { ClientMessage } from "../src/core/protocol.js";

function key(code: string, key: string, more: Partial<KeyInput> = {}): KeyInput {
  const none = { ctrlKey: false, altKey: false, shiftKey: false, metaKey: false };
  return { key, code, location: 0, timeStamp: 0, isComposing: false, ...none, ...more };
}

const press = (code: string, keysym: number): ClientMessage => keyMessage(code, keysym, true);
const release = (code: string, keysym: number): ClientMessage => keyMessage(code, keysym, false);

function keyMessage(code: string, keysym: number, down: boolean): ClientMessage {
  return { type: "key", code, keysym, down };
}

const CONTROL = key("ControlLeft", "Control", { location: 1 });
const ALTGRAPH = key("AltRight", "AltGraph", { location: 2 });

test("a release names the keysym of its press though Shift went up in between", () => {
  const keyboard = new Keyboard("other");
  assert.deepEqual(keyboard.down(key("KeyA", "A")).messages, [press("KeyA", 0x41)]);
  assert.deepEqual(keyboard.up(key("KeyA", "a")).messages, [release("KeyA", 0x41)]);
});

test("a repeat presses the same keysym again", () => {
  const keyboard = new Keyboard("other");
  keyboard.down(key("KeyA", "a"));
  assert.deepEqual(keyboard.down(key("KeyA", "A")).messages, [press("KeyA", 0x61)]);
});

test("a release without a press is not sent", () => {
  const keyboard = new Keyboard("other");
  assert.deepEqual(keyboard.up(key("Tab", "Tab")).messages, []);
});

test("losing the focus releases all and forgets what was held", () => {
  const keyboard = new Keyboard("other");
  keyboard.down(key("KeyA", "a"));
  assert.deepEqual(keyboard.releaseAll(), [{ type: "releaseAll" }]);
  assert.deepEqual(keyboard.up(key("KeyA", "a")).messages, []);
});

test("a composition and dead keys are left to the browser", () => {
  const keyboard = new Keyboard("other");
  for (const input of [key("BracketLeft", "Dead"), key("KeyE", "é", { isComposing: true })]) {
    const outcome = keyboard.down(input);
    assert.deepEqual(outcome, { messages: [], preventDefault: false, wait: "nothing" });
    assert.deepEqual(keyboard.up(input).messages, []);
  }
});

test("lock keys stay local, because the browser applies them", () => {
  const keyboard = new Keyboard("other");
  assert.deepEqual(keyboard.down(key("CapsLock", "CapsLock")).messages, []);
});

test("a key without a code goes by its name", () => {
  const keyboard = new Keyboard("other");
  assert.deepEqual(keyboard.down(key("", "Enter")).messages, [press("Enter", 0xff0d)]);
  assert.deepEqual(keyboard.up(key("", "Enter")).messages, [release("Enter", 0xff0d)]);
});

test("AltGr of Windows loses the Control that comes with it", () => {
  const keyboard = new Keyboard("windows");
  assert.deepEqual(keyboard.down(CONTROL), {
    messages: [],
    preventDefault: true,
    wait: "altgraph",
  });
  assert.deepEqual(keyboard.down(ALTGRAPH).messages, [press("AltRight", 0xfe03)]);
  assert.deepEqual(keyboard.up(CONTROL).messages, []);
  assert.deepEqual(keyboard.up(ALTGRAPH).messages, [release("AltRight", 0xfe03)]);
});

test("Control on Windows goes out before the key that follows it", () => {
  const keyboard = new Keyboard("windows");
  keyboard.down(CONTROL);
  assert.deepEqual(keyboard.down(key("KeyC", "c", { ctrlKey: true })).messages, [
    press("ControlLeft", 0xffe3),
    press("KeyC", 0x63),
  ]);
});

test("Control alone on Windows goes out when the wait is over, or at its release", () => {
  const waiting = new Keyboard("windows");
  waiting.down(CONTROL);
  assert.deepEqual(waiting.settle(), [press("ControlLeft", 0xffe3)]);

  const tapped = new Keyboard("windows");
  tapped.down(CONTROL);
  assert.deepEqual(tapped.up(CONTROL).messages, [
    press("ControlLeft", 0xffe3),
    release("ControlLeft", 0xffe3),
  ]);
});

test("a Control that was down long before AltGr is a real one", () => {
  const keyboard = new Keyboard("windows");
  keyboard.down(CONTROL);
  assert.deepEqual(keyboard.down({ ...ALTGRAPH, timeStamp: 200 }).messages, [
    press("ControlLeft", 0xffe3),
    press("AltRight", 0xfe03),
  ]);
});

const COMMAND = key("MetaLeft", "Meta", { location: 1 });
const OPTION = key("AltLeft", "Alt", { location: 1, altKey: true });

test("Command of macOS is Control, and its keys go up at once, since macOS tells of no release", () => {
  const keyboard = new Keyboard("mac");
  assert.deepEqual(keyboard.down(COMMAND).messages, [press("MetaLeft", 0xffe3)]);
  for (let copies = 0; copies < 2; copies++) {
    assert.deepEqual(keyboard.down(key("KeyC", "c", { metaKey: true })).messages, [
      press("KeyC", 0x63),
      release("KeyC", 0x63),
    ]);
  }
  assert.deepEqual(keyboard.up(COMMAND).messages, [release("MetaLeft", 0xffe3)]);
});

test("Command with V pastes on macOS, and only there", () => {
  const chord = key("KeyV", "v", { metaKey: true });
  assert.equal(new Keyboard("mac").down(chord).wait, "paste");
  assert.equal(new Keyboard("other").down(chord).wait, "nothing");
});

test("Option of macOS chooses a character, and is Alt for keys that have a name", () => {
  const keyboard = new Keyboard("mac");
  assert.deepEqual(keyboard.down(OPTION).messages, []);
  assert.deepEqual(keyboard.down(key("KeyL", "@", { altKey: true })).messages, [
    press("KeyL", 0x40),
  ]);
  assert.deepEqual(keyboard.up(key("KeyL", "@", { altKey: true })).messages, [
    release("KeyL", 0x40),
  ]);
  for (const arrows of [[press("AltLeft", 0xffe9)], []]) {
    assert.deepEqual(keyboard.down(key("ArrowLeft", "ArrowLeft", { altKey: true })).messages, [
      ...arrows,
      press("ArrowLeft", 0xff51),
    ]);
    keyboard.up(key("ArrowLeft", "ArrowLeft", { altKey: true }));
  }
  assert.deepEqual(keyboard.up(OPTION).messages, [release("AltLeft", 0xffe9)]);
});

test("a paste chord waits for the text and is left to the browser", () => {
  const keyboard = new Keyboard("other");
  for (const chord of [
    key("KeyV", "v", { ctrlKey: true }),
    key("KeyV", "V", { ctrlKey: true, shiftKey: true }),
    key("Insert", "Insert", { shiftKey: true }),
  ]) {
    const { preventDefault, wait } = keyboard.down(chord);
    assert.deepEqual({ preventDefault, wait }, { preventDefault: false, wait: "paste" });
  }
  assert.equal(keyboard.down(key("KeyV", "v")).wait, "nothing");
});

test("what is typed after a paste chord stays behind it", () => {
  const outbox = new Outbox();
  const [first, second] = [press("KeyV", 0x76), release("KeyV", 0x76)];
  outbox.hold();
  assert.deepEqual(outbox.push([first]), []);
  assert.deepEqual(outbox.push([second]), []);
  assert.deepEqual(outbox.release(), [first, second]);
  assert.deepEqual(outbox.push([first]), [first]);
});

test("a long text is cut between characters", () => {
  const messages = textMessages("😀".repeat(1500));
  assert.deepEqual(
    messages.map((message) => (message.type === "text" ? [...message.text].length : 0)),
    [1024, 476],
  );
  assert.deepEqual(textMessages(""), []);
});

test("an on-screen keyboard types and deletes without key events", () => {
  const input = { inputType: "insertText", data: "hé", isComposing: false };
  assert.deepEqual(inputMessages(input), [{ type: "text", text: "hé" }]);
  const deletion = { ...input, inputType: "deleteContentBackward", data: null };
  assert.deepEqual(inputMessages(deletion), [
    press("Backspace", 0xff08),
    release("Backspace", 0xff08),
  ]);
});

test("what changes within a composition is not typed", () => {
  for (const inputType of ["insertText", "deleteContentBackward"]) {
    assert.deepEqual(inputMessages({ inputType, data: "h", isComposing: true }), []);
  }
});

test("one chord leaves the desktop", () => {
  const all = { ctrlKey: true, altKey: true, shiftKey: true };
  assert.equal(isLeaveChord(key("KeyM", "M", all)), true);
  assert.equal(isLeaveChord(key("KeyM", "m", { ...all, shiftKey: false })), false);
});
