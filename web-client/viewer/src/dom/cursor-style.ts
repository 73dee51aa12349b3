// The desktop's pointer shape as a CSS cursor, drawn by the browser without delay.

import type { Cursor } from "../core/protocol.js";

/** Browsers ignore larger ones. */
const MAX_SIDE = 128;

/** `density`: how many of the cursor's pixels a CSS pixel is. */
export function cursorStyle(cursor: Cursor, density: number): string {
  const pixels = Uint8ClampedArray.from(atob(cursor.rgba), (byte) => byte.charCodeAt(0));
  if (isTransparent(pixels)) return "none";
  if (Math.max(cursor.width, cursor.height) > MAX_SIDE * density) return "default";
  const canvas = document.createElement("canvas");
  canvas.width = cursor.width;
  canvas.height = cursor.height;
  canvas.getContext("2d")?.putImageData(new ImageData(pixels, cursor.width, cursor.height), 0, 0);
  const image = `url(${canvas.toDataURL()})`;
  const scaled = density === 1 ? image : `image-set(${image} ${density}x)`;
  const at = (pixels: number) => Math.round(pixels / density);
  return `${scaled} ${at(cursor.hotspotX)} ${at(cursor.hotspotY)}, default`;
}

function isTransparent(rgba: Uint8ClampedArray): boolean {
  return rgba.every((value, i) => i % 4 !== 3 || value === 0);
}
