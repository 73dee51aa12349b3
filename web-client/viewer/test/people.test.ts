import assert from "node:assert/strict";
import test from "node:test";
import { People, colourOf, initials, roleNews } from "../src/core/people.js";
import type { PersonHere, Role } from "../src/core/protocol.js";

function person(viewer: number, role: Role, more: Partial<PersonHere> = {}): PersonHere {
  return {
    viewer,
    name: `Person ${viewer}`,
    guest: false,
    role,
    asks: false,
    path: "webrtc",
    ...more,
  };
}

test("an owner hears once of somebody who asks, and a watcher does not", () => {
  const asking = [person(1, "own"), person(2, "view", { asks: true })];
  const people = new People();
  people.update(1, [person(1, "own"), person(2, "view")]);
  assert.deepEqual(people.update(1, asking), [{ type: "asks", person: asking[1] }]);
  assert.deepEqual(people.update(1, asking), []);
  const watcher = new People();
  watcher.update(3, [person(3, "view")]);
  assert.deepEqual(watcher.update(3, [person(3, "view"), ...asking]), []);
});

test("people hear when their own role changes, or stays as it was", () => {
  const people = new People();
  people.update(2, [person(2, "view", { asks: true })]);
  assert.deepEqual(people.update(2, [person(2, "control")]), [
    { type: "role", role: "control", before: "view" },
  ]);
  people.update(2, [person(2, "view", { asks: true })]);
  assert.deepEqual(people.update(2, [person(2, "view")]), [{ type: "refused" }]);
  assert.equal(roleNews("control", "own").text, "handedOver");
});

test("owners direct everyone but one another; nobody else directs anybody", () => {
  const all = [
    person(1, "own"),
    person(2, "control"),
    person(3, "view", { asks: true }),
    person(4, "own"),
  ];
  const people = new People();
  people.update(1, all);
  assert.deepEqual(
    all.map((who) => people.actionsFor(who)),
    [[], ["takeBack", "handOver", "remove"], ["give", "refuse", "remove"], []],
  );
  people.update(2, all);
  assert.deepEqual(
    all.flatMap((who) => people.actionsFor(who)),
    [],
  );
});

test("a person may ask for control, give it up, and take back a session that nobody owns", () => {
  const people = new People();
  people.update(2, [person(1, "own"), person(2, "view")]);
  assert.equal(people.ownAction("own"), "ask");
  people.update(2, [person(1, "own"), person(2, "control")]);
  assert.equal(people.ownAction("own"), "giveUp");
  people.update(2, [person(2, "control")]);
  assert.equal(people.ownAction("own"), "takeBackSession");
  assert.equal(people.ownAction("control"), "giveUp");
  people.clear();
  assert.equal(people.ownAction("own"), null);
});

test("initials are whole letters of any script", () => {
  assert.equal(initials("ada king lovelace", "en"), "AL");
  assert.equal(initials("👩‍🔬", "en"), "👩‍🔬");
  assert.equal(initials("", "en"), "");
  assert.notEqual(colourOf(1), colourOf(2));
});
