// Wheel movement in 120ths of a notch.

/** What is read of a `WheelEvent`. */
export interface WheelInput {
  deltaX: number;
  deltaY: number;
  /** 0 pixels, 1 lines, 2 pages. */
  deltaMode: number;
}

export interface WheelSteps {
  dx: number;
  dy: number;
}

const NOTCH = 120;
/** 120ths of a notch in one unit of each `deltaMode`: a notch is 100 px, 3 lines, a tenth of a page. */
const UNITS: readonly number[] = [NOTCH / 100, NOTCH / 3, NOTCH * 10];

/** Keeps the fractions that whole steps leave over, so a slow touchpad scrolls too. */
export class Wheel {
  readonly #rest: WheelSteps = { dx: 0, dy: 0 };

  /** Whole steps to send, or `null` while there are none. */
  turn({ deltaX, deltaY, deltaMode }: WheelInput): WheelSteps | null {
    const unit = UNITS[deltaMode] ?? 0;
    const dx = this.#take("dx", deltaX * unit);
    const dy = this.#take("dy", deltaY * unit);
    return dx === 0 && dy === 0 ? null : { dx, dy };
  }

  #take(axis: keyof WheelSteps, amount: number): number {
    if (amount === 0) return 0;
    // A turn in the other direction answers at once.
    const isTurnedBack = Math.sign(amount) === -Math.sign(this.#rest[axis]);
    const total = amount + (isTurnedBack ? 0 : this.#rest[axis]);
    const whole = Math.trunc(total);
    this.#rest[axis] = total - whole;
    return whole + 0; // Never -0.
  }
}
