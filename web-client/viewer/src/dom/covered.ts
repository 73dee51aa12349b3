// How much of the viewer's lower edge lies below something: the soft keys, or the device's keyboard.

export class Covered {
  readonly #frame: HTMLElement;
  readonly #panel: HTMLElement;
  readonly #changed: () => void;
  #below = 0;

  /**
   * `frame` is told by its properties `--keyboard` and `--covered`; `panel` stands at the lower edge of what is not covered by the device's keyboard.
   */
  constructor(frame: HTMLElement, panel: HTMLElement, changed: () => void) {
    this.#frame = frame;
    this.#panel = panel;
    this.#changed = changed;
  }

  /** In CSS pixels. */
  get below(): number {
    return this.#below;
  }

  /** Follows both until `signal` aborts. */
  observe(signal: AbortSignal): void {
    const measure = () => this.#measure();
    for (const type of ["resize", "scroll"]) {
      window.visualViewport?.addEventListener(type, measure, { signal });
    }
    const observer = new ResizeObserver(measure);
    observer.observe(this.#panel);
    signal.addEventListener("abort", () => observer.disconnect());
  }

  #measure(): void {
    const keyboard = this.#deviceKeyboard();
    this.#frame.style.setProperty("--keyboard", `${keyboard}px`);
    const below = keyboard + this.#panel.offsetHeight;
    if (below === this.#below) return;
    this.#below = below;
    this.#frame.style.setProperty("--covered", `${below}px`);
    this.#changed();
  }

  /** The keyboard leaves the page its size and makes what is seen of it smaller. */
  #deviceKeyboard(): number {
    const viewport = window.visualViewport;
    // A page that is zoomed in shows less of itself, too.
    if (!viewport || viewport.scale !== 1) return 0;
    const seen = viewport.offsetTop + viewport.height;
    return Math.max(0, Math.round(this.#bottom - seen));
  }

  /** The frame has no box of its own. */
  get #bottom(): number {
    const root = this.#frame.getRootNode() as ShadowRoot;
    return root.host.getBoundingClientRect().bottom;
  }
}
