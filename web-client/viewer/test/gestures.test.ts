import assert from "node:assert/strict";
import test from "node:test";
import { Gestures, LONG_PRESS_MS, TAP_MS } from "../src/core/gestures.js";
import type { GestureAction, TouchMode } from "../src/core/gestures.js";

/** Fingers on a screen; time passes only where it is told to. */
class Hand {
  readonly gestures = new Gestures();
  timeMs = 0;

  constructor(mode: TouchMode) {
    this.gestures.mode = mode;
  }

  down(id: number, x: number, y: number): string[] {
    return this.#do("down", id, x, y);
  }

  move(id: number, x: number, y: number): string[] {
    return this.#do("move", id, x, y);
  }

  up(id: number): string[] {
    return this.#do("up", id, 0, 0);
  }

  tap(x: number, y: number): string[] {
    return [...this.down(1, x, y), ...this.up(1)];
  }

  hold(): string[] {
    this.timeMs += LONG_PRESS_MS;
    return said(this.gestures.handle({ type: "timer" }));
  }

  cancel(id: number): string[] {
    return said(this.gestures.handle({ type: "cancel", id }));
  }

  #do(type: "down" | "move" | "up", id: number, x: number, y: number): string[] {
    return said(this.gestures.handle({ type, id, at: { x, y }, timeMs: this.timeMs }));
  }
}

/** Actions as short words; the timer is left out. */
function said(actions: GestureAction[]): string[] {
  return actions.flatMap((action) => {
    switch (action.type) {
      case "point":
        return `at ${action.at.x},${action.at.y}`;
      case "glide":
        return `by ${action.by.x},${action.by.y}`;
      case "button":
        return `${action.down ? "press" : "release"} ${action.button}`;
      case "scroll":
        return `scroll ${action.by.x},${action.by.y}`;
      case "pinch":
        return `pinch ${action.factor} ${action.from.x},${action.from.y} ${action.to.x},${action.to.y}`;
      case "wait":
        return [];
    }
  });
}

test("a tap clicks where it was", () => {
  const hand = new Hand("direct");
  assert.deepEqual(hand.tap(10, 20), ["at 10,20", "press 1", "release 1"]);
});

test("a finger that trembles still taps, where it came down", () => {
  const hand = new Hand("direct");
  hand.down(1, 10, 20);
  assert.deepEqual(hand.move(1, 14, 22), []);
  assert.deepEqual(hand.up(1), ["at 10,20", "press 1", "release 1"]);
});

test("the second tap of two lands on the pixel of the first", () => {
  const hand = new Hand("direct");
  hand.tap(10, 20);
  hand.timeMs += 200;
  assert.deepEqual(hand.tap(17, 25), ["at 10,20", "press 1", "release 1"]);
  hand.timeMs += 1000;
  assert.deepEqual(hand.tap(17, 25), ["at 17,25", "press 1", "release 1"]);
});

test("a held finger is a right click, and nothing more", () => {
  const hand = new Hand("direct");
  hand.down(1, 10, 20);
  assert.deepEqual(hand.hold(), ["at 10,20", "press 3", "release 3"]);
  assert.deepEqual(hand.move(1, 90, 90), []);
  assert.deepEqual(hand.up(1), []);
});

test("a moved finger drags from where it came down", () => {
  const hand = new Hand("direct");
  hand.down(1, 10, 20);
  assert.deepEqual(hand.move(1, 40, 20), ["at 10,20", "press 1", "at 40,20"]);
  assert.deepEqual(hand.hold(), []);
  assert.deepEqual(hand.move(1, 50, 30), ["at 50,30"]);
  assert.deepEqual(hand.up(1), ["release 1"]);
});

test("a second finger does not disturb a drag, and a finger that the system takes ends it", () => {
  const hand = new Hand("direct");
  hand.down(1, 10, 20);
  hand.move(1, 40, 20);
  assert.deepEqual(hand.down(2, 100, 100), []);
  assert.deepEqual(hand.move(2, 130, 130), []);
  assert.deepEqual(hand.up(2), []);
  assert.deepEqual(hand.move(1, 45, 20), ["at 45,20"]);
  assert.deepEqual(hand.down(2, 100, 100), []);
  assert.deepEqual(hand.cancel(1), ["release 1"]);
  assert.deepEqual(hand.move(2, 150, 150), []);
  assert.deepEqual(hand.up(2), []);
  assert.deepEqual(hand.tap(5, 5), ["at 5,5", "press 1", "release 1"]);
});

test("two fingers that go the same way scroll", () => {
  const hand = new Hand("direct");
  hand.down(1, 100, 100);
  hand.down(2, 200, 100);
  assert.deepEqual(hand.move(1, 100, 120), ["scroll 0,10"]);
  assert.deepEqual(hand.move(2, 200, 120), ["scroll 0,10"]);
  assert.deepEqual(hand.up(1), []);
  assert.deepEqual(hand.move(2, 0, 0), []);
  assert.deepEqual(hand.up(2), []);
});

test("two fingers that go apart pinch around the middle between them", () => {
  const hand = new Hand("direct");
  hand.down(1, 100, 100);
  hand.down(2, 200, 100);
  assert.deepEqual(hand.move(2, 300, 100), ["pinch 2 150,100 200,100"]);
  assert.deepEqual(hand.move(1, 200, 100), ["pinch 0.5 200,100 250,100"]);
});

test("two fingers tap for the right button, three for the middle one", () => {
  const hand = new Hand("direct");
  hand.down(1, 100, 100);
  hand.down(2, 200, 100);
  hand.up(2);
  assert.deepEqual(hand.up(1), ["at 150,100", "press 3", "release 3"]);
  for (const id of [1, 2, 3]) hand.down(id, 60 * id, 100);
  for (const id of [1, 2]) assert.deepEqual(hand.up(id), []);
  assert.deepEqual(hand.up(3), ["at 120,100", "press 2", "release 2"]);
});

test("two fingers that rest on the screen tap nothing", () => {
  const hand = new Hand("direct");
  hand.down(1, 100, 100);
  hand.down(2, 200, 100);
  assert.deepEqual(hand.hold(), []);
  hand.timeMs += TAP_MS;
  assert.deepEqual([...hand.up(1), ...hand.up(2)], []);
});

test("on the trackpad a finger moves the pointer from where it is, and a tap clicks there", () => {
  const hand = new Hand("trackpad");
  hand.down(1, 500, 500);
  assert.deepEqual(hand.move(1, 520, 500), ["by 20,0"]);
  assert.deepEqual(hand.move(1, 525, 505), ["by 5,5"]);
  assert.deepEqual(hand.up(1), []);
  hand.timeMs += 1000;
  assert.deepEqual(hand.tap(10, 10), ["press 1", "release 1"]);
});

test("on the trackpad a tap and a movement drag, and so does a held finger", () => {
  const hand = new Hand("trackpad");
  hand.tap(100, 100);
  hand.timeMs += 100;
  hand.down(1, 100, 100);
  assert.deepEqual(hand.move(1, 120, 100), ["press 1", "by 20,0"]);
  assert.deepEqual(hand.up(1), ["release 1"]);
  hand.timeMs += 1000;
  hand.down(1, 100, 100);
  assert.deepEqual(hand.hold(), ["press 1"]);
  assert.deepEqual(hand.move(1, 103, 100), ["by 3,0"]);
  assert.deepEqual(hand.up(1), ["release 1"]);
});

test("on the trackpad two fingers tap for the right button", () => {
  const hand = new Hand("trackpad");
  hand.down(1, 100, 100);
  hand.down(2, 200, 100);
  hand.up(1);
  assert.deepEqual(hand.up(2), ["press 3", "release 3"]);
});

test("whatever fingers do, no button stays down once all are up", () => {
  let seed = 1;
  const random = (below: number) => {
    seed = (seed * 48271) % 0x7fffffff;
    return seed % below;
  };
  for (const mode of ["direct", "trackpad"] as const) {
    const hand = new Hand(mode);
    const held = new Set<string>();
    const note = (words: string[]) => {
      for (const [verb = "", button = ""] of words.map((word) => word.split(" "))) {
        if (verb === "press") held.add(button);
        if (verb === "release") assert.ok(held.delete(button), "released without a press");
      }
    };
    for (let round = 0; round < 2000; round++) {
      const id = 1 + random(3);
      hand.timeMs += random(300);
      const steps = [
        () => hand.down(id, random(400), random(400)),
        () => hand.move(id, random(400), random(400)),
        () => hand.up(id),
        () => hand.cancel(id),
        () => hand.hold(),
      ];
      note(steps[random(steps.length)]?.() ?? []);
      if (round % 20 > 0) continue;
      for (const finger of [1, 2, 3]) note(hand.up(finger));
      assert.deepEqual([...held], []);
    }
  }
});
