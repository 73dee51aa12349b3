// Fingers on a phone's screen.

/** A phone held upright, as Playwright's settings. */
export const PHONE = {
  width: 390,
  height: 844,
  deviceScaleFactor: 3,
  hasTouch: true,
  isMobile: true,
};

/** Fingers of one hand: `at` puts them all where they are given, by `{ x, y }` on the page. */
export class Fingers {
  static async on(page) {
    const fingers = new Fingers();
    fingers.devtools = await page.context().newCDPSession(page);
    return fingers;
  }

  down(...points) {
    return this.#send("touchStart", points);
  }

  move(...points) {
    return this.#send("touchMove", points);
  }

  up() {
    return this.#send("touchEnd", []);
  }

  async tap(...points) {
    await this.down(...points);
    await this.up();
  }

  /** Goes from one place to another in steps, as a hand does. */
  async glide(from, to, steps = 8) {
    const between = (share) =>
      from.map(({ x, y }, index) => ({
        x: x + (to[index].x - x) * share,
        y: y + (to[index].y - y) * share,
      }));
    for (let step = 1; step <= steps; step++) await this.move(...between(step / steps));
  }

  async swipe(from, to) {
    await this.down(...from);
    await this.glide(from, to);
    await this.up();
  }

  #send(type, points) {
    const touchPoints = points.map((point, id) => ({ ...point, id }));
    return this.devtools.send("Input.dispatchTouchEvent", { type, touchPoints });
  }
}
