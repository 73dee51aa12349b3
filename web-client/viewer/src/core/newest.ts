// Hands things to a receiver that may be slow: what it has not asked for is replaced by newer.

/** So many are on their way at a time: one is being shown while the next one travels. */
export const MAX_UNDER_WAY = 2;

export class Newest<T> {
  readonly #send: (item: T) => void;
  readonly #drop: (item: T) => void;
  #waiting: T | null = null;
  #underWay = 0;

  /** `drop` gets what nobody will see. */
  constructor(send: (item: T) => void, drop: (item: T) => void) {
    this.#send = send;
    this.#drop = drop;
  }

  put(item: T): void {
    if (this.#waiting !== null) this.#drop(this.#waiting);
    this.#waiting = item;
    this.#sendWaiting();
  }

  /** The receiver is done with one. */
  taken(): void {
    this.#underWay = Math.max(0, this.#underWay - 1);
    this.#sendWaiting();
  }

  #sendWaiting(): void {
    if (this.#waiting === null || this.#underWay >= MAX_UNDER_WAY) return;
    const item = this.#waiting;
    this.#waiting = null;
    this.#underWay += 1;
    this.#send(item);
  }
}
