import assert from "node:assert/strict";
import test from "node:test";
import { TOOLBAR_ACTIONS, toolbarFaces } from "../src/core/toolbar.js";
import type { ToolbarState } from "../src/core/toolbar.js";

const CONTROLLED: ToolbarState = {
  isFullscreen: false,
  isSoundOn: true,
  path: "webrtc",
  canSwitchPath: true,
  isStatsOpen: false,
  isQualityOpen: null,
  isMicrophoneOn: null,
  areKeysOpen: false,
  areFilesOpen: false,
  touch: null,
  canLockPointer: true,
  canOpenSecondDisplay: false,
  isWhole: true,
  people: null,
};

function shown(state: Partial<ToolbarState>): string[] {
  const faces = toolbarFaces({ ...CONTROLLED, ...state });
  return TOOLBAR_ACTIONS.filter((action) => faces[action] !== null);
}

test("a desktop that is controlled has all that a mouse needs", () => {
  assert.deepEqual(shown({}), [
    ...["keys", "lockPointer", "fullscreen", "sound", "files", "path", "stats", "disconnect"],
  ]);
});

test("a phone has its own buttons, and none that it cannot use", () => {
  assert.deepEqual(
    shown({ isFullscreen: null, touch: "direct", canLockPointer: false, isWhole: false }),
    ["wholeDesktop", "keys", "trackpad", "sound", "files", "path", "stats", "disconnect"],
  );
});

test("without a connection and without sound there is little to press", () => {
  const nothing = {
    path: null,
    isSoundOn: null,
    areKeysOpen: null,
    areFilesOpen: null,
    canLockPointer: false,
  };
  assert.deepEqual(shown(nothing), ["fullscreen", "stats"]);
});

test("who has company can see it and write to it", () => {
  const people = { count: 3, unread: 2, isPeopleOpen: true, isChatOpen: false };
  const faces = toolbarFaces({ ...CONTROLLED, people });
  assert.deepEqual([faces.people?.badge, faces.people?.isPressed], [3, true]);
  assert.deepEqual([faces.chat?.badge, faces.chat?.label.text], [2, "chatUnread"]);
  const alone = toolbarFaces({ ...CONTROLLED, people: { ...people, count: 1, unread: 0 } });
  assert.deepEqual([alone.people?.badge, alone.chat?.badge], [undefined, undefined]);
});

test("a button says what pressing it does, and whether it is pressed", () => {
  const faces = toolbarFaces({ ...CONTROLLED, path: "vnc", isStatsOpen: true });
  assert.equal(faces.path?.label.text, "switchToWebrtc");
  assert.equal(faces.stats?.isPressed, true);
  assert.equal(faces.sound?.label.text, "soundOff");
});
