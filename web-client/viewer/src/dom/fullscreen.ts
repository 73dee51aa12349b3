// An element in the whole screen, with the keys that the browser and the system keep otherwise.

/** https://wicg.github.io/keyboard-lock/ */
interface KeyboardLocking extends Navigator {
  keyboard?: { lock?: () => Promise<void>; unlock?: () => void };
}

export function isFullscreen(element: Element): boolean {
  return document.fullscreenElement === element;
}

export async function toggleFullscreen(element: Element): Promise<void> {
  const { keyboard } = navigator as KeyboardLocking;
  if (isFullscreen(element)) {
    keyboard?.unlock?.();
    return document.exitFullscreen();
  }
  await element.requestFullscreen({ navigationUI: "hide" });
  // Chromium then gives the page Escape, Alt+Tab and the like; a long Escape still leaves.
  await keyboard?.lock?.();
}
