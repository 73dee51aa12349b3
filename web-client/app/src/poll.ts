// Asks again and again, one question at a time, until told to stop.

/** `ask` says how long to wait before it is asked again, or `null` when it is done. */
export function poll(ask: () => Promise<number | null>, signal: AbortSignal): void {
  const next = async () => {
    if (signal.aborted) return;
    const waitMs = await ask();
    if (waitMs !== null && !signal.aborted) setTimeout(() => void next(), waitMs);
  };
  void next();
}
