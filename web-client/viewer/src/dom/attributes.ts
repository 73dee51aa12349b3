// What the attributes of <streamspace-viewer> say.

import type { PathPreference } from "../core/connection.js";
import type { TouchMode } from "../core/gestures.js";
import { ROLES } from "../core/decode-people.js";
import type { Language } from "../core/language.js";
import { readBitrate, readFrameRate, type Limits } from "../core/limits.js";
import type { Role, Screen } from "../core/protocol.js";
import { viewerLanguage } from "../core/texts.js";
import type { DesktopOptions, Preferences } from "./desktop.js";

/** The value of an attribute that knows these words; the first of them where it says another. */
function choice<Word extends string>(host: Element, name: string, words: readonly Word[]): Word {
  const value = host.getAttribute(name);
  return words.find((word) => word === value) ?? (words[0] as Word);
}

export function readOptions(host: Element, preferences: Preferences): DesktopOptions {
  return {
    src: host.getAttribute("src") ?? "",
    preferences,
    roleWanted: roleWanted(host),
    name: host.getAttribute("name"),
    share: host.getAttribute("share"),
    resize: choice(host, "resize", ["remote", "scale"]),
    display: readDisplay(host),
    hidpi: host.hasAttribute("hidpi"),
    decoder: choice(host, "decoder", ["auto", "webcodecs", "video"]),
    pictureWorkerUrl: new URL("picture-worker.js", import.meta.url).href,
    vncQuality: vncQuality(host),
    novncUrl: host.getAttribute("novnc-src") ?? new URL("novnc.js", import.meta.url).href,
  };
}

export function readPath(host: Element): PathPreference {
  // VNC shows all displays at once.
  if (readDisplay(host) === "second") return "webrtc";
  return choice(host, "path", ["auto", "webrtc", "vnc"]);
}

export function readDisplay(host: Element): Screen {
  return choice(host, "display", ["first", "second"]);
}

export function readTouch(host: Element): TouchMode {
  return choice(host, "touch", ["direct", "trackpad"]);
}

export function readLimits(host: Element): Limits {
  return {
    maxBps: readBitrate(host.getAttribute("max-bitrate")),
    maxFps: readFrameRate(host.getAttribute("max-fps")),
  };
}

export function writeLimits(host: Element, { maxBps, maxFps }: Limits): void {
  write(host, "max-bitrate", maxBps);
  write(host, "max-fps", maxFps);
}

function write(host: Element, name: string, value: number | null): void {
  if (value === null) host.removeAttribute(name);
  else host.setAttribute(name, String(value));
}

/** The language of `lang`, else the first of the browser's that there is. */
export function readLanguage(host: Element): Language {
  const lang = host.getAttribute("lang");
  return viewerLanguage([...(lang ? [lang] : []), ...navigator.languages]);
}

function vncQuality(host: Element): number | null {
  const level = Number.parseInt(host.getAttribute("vnc-quality") ?? "", 10);
  return Number.isNaN(level) ? null : level;
}

function roleWanted(host: Element): Role | null {
  const role = host.getAttribute("role-wanted");
  return ROLES.find((known) => known === role) ?? null;
}
