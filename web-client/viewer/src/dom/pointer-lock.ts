// A mouse that belongs to the desktop until Escape gives it back: it never meets the window's edge.

/** Elements in a shadow tree are locked as such: the document knows only its host. */
export function isPointerLocked(surface: HTMLElement): boolean {
  const root = surface.getRootNode();
  return root instanceof ShadowRoot && root.pointerLockElement === surface;
}

/** Browsers allow it after a gesture, and not at once after the last lock ended. */
export async function lockPointer(surface: HTMLElement): Promise<void> {
  try {
    // The hand's own movement, where the system tells it without acceleration.
    await surface.requestPointerLock({ unadjustedMovement: true });
  } catch {
    await Promise.resolve(surface.requestPointerLock()).catch(() => {});
  }
}

/** Phones have no such thing. */
export function unlockPointer(): void {
  document.exitPointerLock?.();
}

export function canLockPointer(): boolean {
  return "requestPointerLock" in Element.prototype && matchMedia("(any-pointer: fine)").matches;
}
