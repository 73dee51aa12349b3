// Adds listeners to an element, which one signal removes.

export type Listen = <K extends keyof HTMLElementEventMap>(
  type: K,
  handler: (event: HTMLElementEventMap[K]) => void,
) => void;

/** The handlers may keep the browser from acting by itself, so none of them is passive. */
export function listenOn(target: HTMLElement, signal: AbortSignal): Listen {
  return (type, handler) => target.addEventListener(type, handler, { signal, passive: false });
}
