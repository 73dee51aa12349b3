import assert from "node:assert/strict";
import test from "node:test";
import {
  Gamepads,
  gamepadsPhrase,
  webcamPhrase,
  type GamepadSnapshot,
} from "../src/core/gamepads.js";

function pad(
  index: number,
  pressed: number[] = [],
  axes: number[] = [0, 0, 0, 0],
): GamepadSnapshot {
  const button = (place: number) => ({
    pressed: pressed.includes(place),
    value: pressed.includes(place) ? 1 : 0,
  });
  return { index, buttons: Array.from({ length: 17 }, (_, place) => button(place)), axes };
}

test("a gamepad is told as a whole when it differs, and once when it is gone", () => {
  const gamepads = new Gamepads();
  const rest = { buttons: 0, axes: [0, 0, 0, 0], triggers: [0, 0] };
  assert.deepEqual(gamepads.look([null, pad(1)]), [{ type: "gamepad", pad: 1, state: rest }]);
  assert.deepEqual(gamepads.look([null, pad(1)]), []);
  assert.deepEqual(gamepads.look([null, pad(1, [0, 7, 16], [1, -1, 0.5, 0])]), [
    {
      type: "gamepad",
      pad: 1,
      state: {
        buttons: 1 | (1 << 7) | (1 << 16),
        axes: [32767, -32767, 16384, 0],
        triggers: [0, 255],
      },
    },
  ]);
  assert.deepEqual(gamepads.look([null, null]), [{ type: "gamepad", pad: 1 }]);
  assert.deepEqual(gamepads.look([]), []);
});

test("what a strange driver says stays within bounds", () => {
  const strange = { index: 0, buttons: [{ pressed: true, value: 9 }], axes: [Number.NaN, 7, -7] };
  assert.deepEqual(new Gamepads().look([strange]), [
    {
      type: "gamepad",
      pad: 0,
      state: { buttons: 1, axes: [0, 32767, -32768, 0], triggers: [0, 0] },
    },
  ]);
  assert.deepEqual(new Gamepads().look([pad(4)]), []);
});

test("each state of a device has its words", () => {
  assert.equal(gamepadsPhrase({ gamepads: "missing", webcam: "missing" }).text, "gamepadsMissing");
  assert.equal(gamepadsPhrase({ gamepads: "denied", webcam: "missing" }).text, "gamepadsDenied");
  assert.equal(webcamPhrase({ gamepads: "ready", webcam: "unused" }).text, "webcamUnused");
});
