// Which buttons the toolbar has in each state, and what they say.

import type { Path } from "./connection.js";
import type { Phrase } from "./language.js";
import { phrase } from "./texts.js";

export interface ToolbarState {
  isFullscreen: boolean;
  /** `null`: this path has no sound. */
  isSoundOn: boolean | null;
  path: Path | null;
  isStatsOpen: boolean;
}

export const TOOLBAR_ACTIONS = ["fullscreen", "sound", "path", "stats", "disconnect"] as const;
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
  const { isFullscreen, isSoundOn, path, isStatsOpen } = state;
  return {
    fullscreen: isFullscreen
      ? { icon: "fullscreen-exit", label: phrase("leaveFullScreen") }
      : { icon: "fullscreen", label: phrase("fullScreen") },
    sound: isSoundOn === null ? null : soundFace(isSoundOn),
    path: path && {
      icon: "path",
      label: phrase(path === "vnc" ? "switchToWebrtc" : "switchToVnc"),
    },
    stats: { icon: "stats", label: phrase("statistics"), isPressed: isStatsOpen },
    disconnect: path && { icon: "disconnect", label: phrase("disconnect") },
  };
}

function soundFace(isOn: boolean): Face {
  return isOn
    ? { icon: "sound", label: phrase("soundOff") }
    : { icon: "sound-off", label: phrase("soundOn") };
}
