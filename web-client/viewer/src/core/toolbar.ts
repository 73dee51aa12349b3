// Which buttons the toolbar has in each state, and what they say.

import type { Path } from "./connection.js";
import type { TouchMode } from "./gestures.js";
import type { Phrase } from "./language.js";
import { phrase } from "./texts.js";

export interface ToolbarState {
  /** `null`: the browser has none for elements, as on iPhones. */
  isFullscreen: boolean | null;
  /** `null`: this path has no sound. */
  isSoundOn: boolean | null;
  /** `null`: nobody would hear it. */
  isMicrophoneOn: boolean | null;
  path: Path | null;
  /** Whether there is another path to switch to. */
  canSwitchPath: boolean;
  isStatsOpen: boolean;
  /** `null`: this path follows no limits. */
  isQualityOpen: boolean | null;
  /** `null`: there is nothing to type on. */
  areKeysOpen: boolean | null;
  /** `null`: files are not for this viewer, or not for this session. */
  areFilesOpen: boolean | null;
  /** `null`: no finger reaches this screen, or the desktop takes none. */
  touch: TouchMode | null;
  canLockPointer: boolean;
  /** Whether the page has a window for it, and this person may open it. */
  canOpenSecondDisplay: boolean;
  /** Whether all of the desktop is in sight. */
  isWhole: boolean;
  /** `null`: nothing is known of them, as over VNC. */
  people: TogetherState | null;
}

export interface TogetherState {
  /** People, the one who looks among them. */
  count: number;
  unread: number;
  isPeopleOpen: boolean;
  isChatOpen: boolean;
}

export const TOOLBAR_ACTIONS = [
  "wholeDesktop",
  "keys",
  "trackpad",
  "lockPointer",
  "fullscreen",
  "secondDisplay",
  "sound",
  "microphone",
  "files",
  "people",
  "chat",
  "path",
  "quality",
  "stats",
  "disconnect",
] as const;
export type ToolbarAction = (typeof TOOLBAR_ACTIONS)[number];

/** What narrow windows keep behind one more button. */
export const RARE_ACTIONS: ReadonlySet<ToolbarAction> = new Set<ToolbarAction>([
  "lockPointer",
  "fullscreen",
  "secondDisplay",
  "microphone",
  "files",
  "path",
  "quality",
  "stats",
]);

export type ToolbarIcon =
  ToolbarAction | "more" | "fullscreen-exit" | "sound-off" | "microphone-off";

/** What a button looks like. */
export interface Face {
  icon: ToolbarIcon;
  label: Phrase;
  /** Of buttons that stay pressed. */
  isPressed?: boolean;
  /** A number on the button; its label says it too. */
  badge?: number;
}

/** A button's face, or `null` where it has no use now. */
export function toolbarFaces(state: ToolbarState): Record<ToolbarAction, Face | null> {
  const { path, areKeysOpen, isQualityOpen, touch } = state;
  return {
    wholeDesktop: state.isWhole ? null : { icon: "wholeDesktop", label: phrase("wholeDesktop") },
    keys: areKeysOpen === null ? null : toggle("keys", phrase("onScreenKeys"), areKeysOpen),
    trackpad: touch && toggle("trackpad", phrase("trackpad"), touch === "trackpad"),
    lockPointer: state.canLockPointer
      ? { icon: "lockPointer", label: phrase("lockPointer") }
      : null,
    fullscreen: state.isFullscreen === null ? null : fullscreenFace(state.isFullscreen),
    secondDisplay: state.canOpenSecondDisplay
      ? { icon: "secondDisplay", label: phrase("secondDisplay") }
      : null,
    sound: state.isSoundOn === null ? null : soundFace(state.isSoundOn),
    microphone: state.isMicrophoneOn === null ? null : microphoneFace(state.isMicrophoneOn),
    files:
      state.areFilesOpen === null ? null : toggle("files", phrase("files"), state.areFilesOpen),
    people: state.people && peopleFace(state.people),
    chat: state.people && chatFace(state.people),
    path: path && state.canSwitchPath ? pathFace(path) : null,
    quality: isQualityOpen === null ? null : toggle("quality", phrase("quality"), isQualityOpen),
    stats: toggle("stats", phrase("statistics"), state.isStatsOpen),
    disconnect: path && { icon: "disconnect", label: phrase("disconnect") },
  };
}

function toggle(icon: ToolbarIcon, label: Phrase, isPressed: boolean): Face {
  return { icon, label, isPressed };
}

function peopleFace({ count, isPeopleOpen }: TogetherState): Face {
  const face = toggle("people", phrase("peopleHere", { count }), isPeopleOpen);
  return count > 1 ? { ...face, badge: count } : face;
}

function chatFace({ unread, isChatOpen }: TogetherState): Face {
  if (unread === 0) return toggle("chat", phrase("chat"), isChatOpen);
  return { ...toggle("chat", phrase("chatUnread", { count: unread }), isChatOpen), badge: unread };
}

function pathFace(path: Path): Face {
  const label = phrase(path === "vnc" ? "switchToWebrtc" : "switchToVnc");
  return { icon: "path", label };
}

function fullscreenFace(isOn: boolean): Face {
  return isOn
    ? { icon: "fullscreen-exit", label: phrase("leaveFullScreen") }
    : { icon: "fullscreen", label: phrase("fullScreen") };
}

function soundFace(isOn: boolean): Face {
  return isOn
    ? { icon: "sound", label: phrase("soundOff") }
    : { icon: "sound-off", label: phrase("soundOn") };
}

function microphoneFace(isOn: boolean): Face {
  return isOn
    ? { icon: "microphone", label: phrase("microphoneOff"), isPressed: true }
    : { icon: "microphone-off", label: phrase("microphoneOn"), isPressed: false };
}
