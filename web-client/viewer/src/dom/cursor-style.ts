// The desktop's pointer shape as a CSS cursor, drawn by the browser without delay.

import type { Cursor } from "../core/protocol.js";

/** Browsers ignore larger ones. */
const MAX_SIDE = 128;

export function cursorStyle(cursor: Cursor): string {
  const pixels = Uint8ClampedArray.from(atob(cursor.rgba), (byte) => byte.charCodeAt(0));
  if (isTransparent(pixels)) return "none";
  if (cursor.width > MAX_SIDE || cursor.height > MAX_SIDE) return "default";
  const canvas = document.createElement("canvas");
  canvas.width = cursor.width;
  canvas.height = cursor.height;
  canvas.getContext("2d")?.putImageData(new ImageData(pixels, cursor.width, cursor.height), 0, 0);
  return `url(${canvas.toDataURL()}) ${cursor.hotspotX} ${cursor.hotspotY}, default`;
}

function isTransparent(rgba: Uint8ClampedArray): boolean {
  return rgba.every((value, i) => i % 4 !== 3 || value === 0);
}
