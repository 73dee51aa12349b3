// How fast something has gone of late.

const WINDOW_MS = 3_000;

export class Speed {
  #steps: { bytes: number; timeMs: number }[] = [];

  add(bytes: number, timeMs: number): void {
    this.#steps.push({ bytes, timeMs });
    this.#forget(timeMs);
  }

  bytesPerSecond(timeMs: number): number {
    this.#forget(timeMs);
    const [first] = this.#steps;
    if (!first) return 0;
    const bytes = this.#steps.reduce((sum, step) => sum + step.bytes, 0);
    // The first steps of a transfer would otherwise look as if they had taken no time.
    return (bytes / Math.max(timeMs - first.timeMs, 500)) * 1000;
  }

  #forget(timeMs: number): void {
    this.#steps = this.#steps.filter((step) => timeMs - step.timeMs <= WINDOW_MS);
  }
}
