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
  path: Path | null;
  isStatsOpen: boolean;
  /** `null`: there is nothing to type on. */
  areKeysOpen: boolean | null;
  /** `null`: files are not for this viewer, or not for this session. */
  areFilesOpen: boolean | null;
  /** `null`: no finger reaches this screen, or the desktop takes none. */
  touch: TouchMode | null;
  canLockPointer: boolean;
  /** Whether all of the desktop is in sight. */
  isWhole: boolean;
}

export const TOOLBAR_ACTIONS = [
  "wholeDesktop",
  "keys",
  "trackpad",
  "lockPointer",
  "fullscreen",
  "sound",
  "files",
  "path",
  "stats",
  "disconnect",
] as const;
export type ToolbarAction = (typeof TOOLBAR_ACTIONS)[number];

export type ToolbarIcon = ToolbarAction | "fullscreen-exit" | "sound-off";

/** What a button looks like. */
export interface Face {
  icon: ToolbarIcon;
  label: Phrase;
  /** Of buttons that stay pressed. */
  isPressed?: boolean;
}

/** A button's face, or `null` where it has no use now. */
export function toolbarFaces(state: ToolbarState): Record<ToolbarAction, Face | null> {
  const { path, areKeysOpen, touch } = state;
  return {
    wholeDesktop: state.isWhole ? null : { icon: "wholeDesktop", label: phrase("wholeDesktop") },
    keys: areKeysOpen === null ? null : toggle("keys", phrase("onScreenKeys"), areKeysOpen),
    trackpad: touch && toggle("trackpad", phrase("trackpad"), touch === "trackpad"),
    lockPointer: state.canLockPointer
      ? { icon: "lockPointer", label: phrase("lockPointer") }
      : null,
    fullscreen: state.isFullscreen === null ? null : fullscreenFace(state.isFullscreen),
    sound: state.isSoundOn === null ? null : soundFace(state.isSoundOn),
    files:
      state.areFilesOpen === null ? null : toggle("files", phrase("files"), state.areFilesOpen),
    path: path && {
      icon: "path",
      label: phrase(path === "vnc" ? "switchToWebrtc" : "switchToVnc"),
    },
    stats: toggle("stats", phrase("statistics"), state.isStatsOpen),
    disconnect: path && { icon: "disconnect", label: phrase("disconnect") },
  };
}

function toggle(icon: ToolbarIcon, label: Phrase, isPressed: boolean): Face {
  return { icon, label, isPressed };
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
