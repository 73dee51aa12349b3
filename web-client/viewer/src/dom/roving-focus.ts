// One stop of the Tab key for many controls; arrow keys go from one to the next.
//
// https://www.w3.org/WAI/ARIA/apg/practices/keyboard-interface/#kbd_roving_tabindex

const STEPS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 };

export class RovingFocus {
  readonly #items: () => HTMLElement[];
  #current: HTMLElement | null = null;

  /** `items`: the controls in their order, also those that are hidden, by whatever means. */
  constructor(bar: HTMLElement, items: () => HTMLElement[]) {
    this.#items = items;
    bar.addEventListener("keydown", (event) => this.#keyDown(event, bar));
    bar.addEventListener("focusin", ({ target }) => this.#select(target as HTMLElement));
  }

  focus(): void {
    this.refresh();
    this.#current?.focus();
  }

  /** The controls have changed. */
  refresh(): void {
    const usable = this.#usable();
    if (!this.#current || !usable.includes(this.#current)) this.#current = usable[0] ?? null;
    for (const item of this.#items()) item.tabIndex = item === this.#current ? 0 : -1;
  }

  #usable(): HTMLElement[] {
    return this.#items().filter((item) => !item.hidden && item.checkVisibility());
  }

  #select(item: HTMLElement): void {
    if (!this.#items().includes(item)) return;
    this.#current = item;
    this.refresh();
  }

  #keyDown(event: KeyboardEvent, bar: HTMLElement): void {
    const usable = this.#usable();
    const next = this.#nextOf(usable, event.key, getComputedStyle(bar).direction);
    if (next === undefined) return;
    event.preventDefault();
    usable.at(next % usable.length)?.focus();
  }

  #nextOf(usable: HTMLElement[], key: string, direction: string): number | undefined {
    if (key === "Home") return 0;
    if (key === "End") return -1;
    const step = STEPS[key];
    if (step === undefined) return undefined;
    const position = this.#current ? usable.indexOf(this.#current) : 0;
    return position + (direction === "rtl" ? -step : step);
  }
}
