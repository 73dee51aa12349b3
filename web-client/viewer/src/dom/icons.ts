// Icons of the toolbar: paths on a 24 by 24 grid, drawn as strokes.

import type { ToolbarIcon } from "../core/toolbar.js";

export type IconName = ToolbarIcon;

const PATHS: Readonly<Record<IconName, string>> = {
  fullscreen: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  "fullscreen-exit": "M9 4v5H4M15 4v5h5M9 20v-5H4M15 20v-5h5",
  sound: "M4 9v6h4l5 4V5L8 9zM16 9a4 4 0 0 1 0 6M18.5 6.5a8 8 0 0 1 0 11",
  "sound-off": "M4 9v6h4l5 4V5L8 9zM17 10l4 4M21 10l-4 4",
  microphone: "M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3M6 11a6 6 0 0 0 12 0M12 17v4",
  "microphone-off":
    "M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3M6 11a6 6 0 0 0 12 0M12 17v4M4 4l16 16",
  files: "M3 6h6l2 2h10v11H3z",
  path: "M4 8h13l-3-3M20 16H7l3 3",
  quality: "M4 7h9M17 7h3M4 12h3M11 12h9M4 17h11M19 17h1M15 5v4M9 10v4M17 15v4",
  stats: "M5 20v-6M12 20V5M19 20v-9",
  keys: "M3 7h18v10H3zM7 10.5h.01M11 10.5h.01M15 10.5h.01M18 10.5h.01M8 14h8",
  trackpad: "M4 5h16v14H4zM4 14h16M12 14v5",
  lockPointer: "M12 3v5M12 16v5M3 12h5M16 12h5M12 12h.01",
  secondDisplay: "M3 5h11v9H3zM6 18h5M17 9h4v9H10v-1",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  wholeDesktop: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M15.5 15.5 20 20M7.5 10.5h6",
  people:
    "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7M2.5 20c0-3.6 2.9-6 6.5-6s6.5 2.4 6.5 6M16 4.3a3.5 3.5 0 0 1 0 6.4M17.5 14.4c2.4.7 4 2.8 4 5.6",
  chat: "M4 5h16v11H10l-4 4v-4H4zM8 9h8M8 12h5",
  disconnect: "M12 4v8M7 6.8a7.5 7.5 0 1 0 10 0",
};

const SVG = "http://www.w3.org/2000/svg";

export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
