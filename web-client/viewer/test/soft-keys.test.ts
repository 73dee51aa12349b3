import assert from "node:assert/strict";
import test from "node:test";
import { FIRST_ROW, SECOND_ROW } from "../src/core/key-panel.js";
import type { ClientMessage } from "../src/core/protocol.js";
import { SoftKeys, keyNamed, modifierKey } from "../src/core/soft-keys.js";

class Panel {
  readonly sent: ClientMessage[] = [];
  changes = 0;
  readonly keys = new SoftKeys({
    send: (message) => this.sent.push(message),
    changed: () => (this.changes += 1),
  });

  /** What was sent since the last call: `+Escape`, `-Escape`, or the message's type. */
  get news(): string[] {
    return this.sent
      .splice(0)
      .map((message) =>
        message.type === "key" ? `${message.down ? "+" : "-"}${message.code}` : message.type,
      );
  }
}

const keyA = (down: boolean): ClientMessage => ({ type: "key", code: "KeyA", keysym: 0x61, down });

test("a key goes down and up", () => {
  const panel = new Panel();
  panel.keys.tap(keyNamed("Escape"));
  assert.deepEqual(panel.sent, [
    { type: "key", code: "Escape", keysym: 0xff1b, down: true },
    { type: "key", code: "Escape", keysym: 0xff1b, down: false },
  ]);
});

test("a tapped modifier holds for one key", () => {
  const panel = new Panel();
  panel.keys.tapModifier("control");
  assert.equal(panel.keys.state("control"), "latched");
  panel.keys.tap(keyNamed("Tab"));
  assert.deepEqual(panel.news, ["+ControlLeft", "+Tab", "-Tab", "-ControlLeft"]);
  assert.equal(panel.keys.state("control"), "up");
  assert.equal(panel.changes, 2);
});

test("a modifier that is tapped twice holds until it is tapped again", () => {
  const panel = new Panel();
  panel.keys.tapModifier("shift");
  panel.keys.tapModifier("shift");
  assert.equal(panel.keys.state("shift"), "locked");
  panel.keys.tap(keyNamed("ArrowLeft"));
  panel.keys.tap(keyNamed("ArrowLeft"));
  panel.keys.tapModifier("shift");
  const arrow = ["+ArrowLeft", "-ArrowLeft"];
  assert.deepEqual(panel.news, ["+ShiftLeft", ...arrow, ...arrow, "-ShiftLeft"]);
});

test("a modifier holds for the next key of a real keyboard too", () => {
  const panel = new Panel();
  panel.keys.tapModifier("control");
  const shift = { code: "ShiftLeft", keysym: 0xffe1 };
  panel.keys.pass({ type: "key", ...shift, down: true });
  panel.keys.pass(keyA(true));
  panel.keys.pass(keyA(false));
  assert.deepEqual(panel.news, ["+ControlLeft", "+ShiftLeft", "+KeyA", "-ControlLeft", "-KeyA"]);
});

test("a modifier holds for a click", () => {
  const panel = new Panel();
  panel.keys.tapModifier("control");
  for (const down of [true, false]) {
    panel.keys.pass({ type: "button", button: 1, down, at: { x: 1, y: 1 } });
  }
  assert.deepEqual(panel.news, ["+ControlLeft", "button", "button", "-ControlLeft"]);
});

test("text becomes keys while a modifier is down, and stays text otherwise", () => {
  const panel = new Panel();
  panel.keys.pass({ type: "text", text: "c" });
  assert.deepEqual(panel.sent.splice(0), [{ type: "text", text: "c" }]);
  panel.keys.tapModifier("control");
  panel.keys.pass({ type: "text", text: "c" });
  const [, down, up] = panel.sent;
  assert.deepEqual(down, { type: "key", code: "Softc", keysym: 0x63, down: true });
  assert.deepEqual(up, { type: "key", code: "Softc", keysym: 0x63, down: false });
  assert.equal(panel.keys.state("control"), "up");
});

test("what lets go of all keys lets go of the modifiers", () => {
  const panel = new Panel();
  panel.keys.tapModifier("alt");
  panel.keys.pass({ type: "releaseAll" });
  assert.equal(panel.keys.state("alt"), "up");
  assert.deepEqual(panel.news, ["+AltLeft", "releaseAll"]);
});

test("a chord is pressed in order and released in reverse", () => {
  const panel = new Panel();
  panel.keys.chord([modifierKey("control"), modifierKey("alt"), keyNamed("Delete")]);
  assert.deepEqual(panel.news, [
    ...["+ControlLeft", "+AltLeft", "+Delete"],
    ...["-Delete", "-AltLeft", "-ControlLeft"],
  ]);
});

test("every key of the panel means another keysym", () => {
  const keys = [...FIRST_ROW, ...SECOND_ROW].flatMap((entry) =>
    entry.type === "key" ? [entry.key] : [],
  );
  assert.equal(new Set(keys.map(({ keysym }) => keysym)).size, keys.length);
  assert.ok(
    keys.some(({ keysym }) => keysym === 0xffc9),
    "F12",
  );
});
