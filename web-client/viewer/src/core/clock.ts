// The streamer's clock in terms of the browser's, from pings and their answers.
//
// An answer tells the streamer's time at some moment between sending and receiving; the middle is
// at most half the round trip wrong (as in RFC 5905, NTP). So the quickest answer is the best one.

/** Older answers count no more: clocks drift by up to some hundred microseconds in ten seconds. */
const MAX_AGE_MS = 60_000;
const MAX_SAMPLES = 16;
/** From so many answers on, one of them was probably not held up. */
const SETTLED_SAMPLES = 4;

interface Sample {
  receivedMs: number;
  roundTripMs: number;
  /** The browser's clock minus the streamer's. */
  offsetMs: number;
}

export class Clock {
  #samples: Sample[] = [];

  /** A ping sent at `sentMs` was answered at `receivedMs`; the streamer's clock said `serverUs`. */
  answered(sentMs: number, receivedMs: number, serverUs: number): void {
    const roundTripMs = receivedMs - sentMs;
    if (roundTripMs < 0) return;
    const offsetMs = (sentMs + receivedMs) / 2 - serverUs / 1000;
    const fresh = this.#samples.filter((sample) => receivedMs - sample.receivedMs < MAX_AGE_MS);
    this.#samples = [...fresh, { receivedMs, roundTripMs, offsetMs }].slice(-MAX_SAMPLES);
  }

  get isSettled(): boolean {
    return this.#samples.length >= SETTLED_SAMPLES;
  }

  /** Of the last answers, the least: the others waited for something. */
  get roundTripMs(): number | null {
    return this.#best?.roundTripMs ?? null;
  }

  /** The browser's time at a moment of the streamer's clock; `null` before the first answer. */
  toBrowserMs(serverUs: number): number | null {
    return this.#best ? serverUs / 1000 + this.#best.offsetMs : null;
  }

  get #best(): Sample | undefined {
    return this.#samples.reduce<Sample | undefined>(
      (best, sample) => (best && best.roundTripMs <= sample.roundTripMs ? best : sample),
      undefined,
    );
  }
}
