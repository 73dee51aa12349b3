// The desktop's pointer, whichever device moves it.

import { desktopPixel, type Point } from "../core/layout.js";
import type { ClientMessage } from "../core/protocol.js";
import { GlidingPointer } from "../core/trackpad.js";
import type { View } from "../core/view.js";
import type { CursorView } from "./cursor-view.js";
import type { MoveSender } from "./move-sender.js";

export interface RemotePointerParts {
  /** What the picture lies on; places count from its corner. */
  surface: HTMLElement;
  view: View;
  cursor: CursorView;
  moves: MoveSender;
  send(message: ClientMessage): void;
  /** The view has moved to keep the pointer in sight. */
  revealed(): void;
}

type Client = Pick<MouseEvent, "clientX" | "clientY" | "timeStamp">;

export class RemotePointer {
  readonly #parts: RemotePointerParts;
  readonly #gliding = new GlidingPointer();
  /** Only the session knows where it is. */
  #isElsewhere = false;

  constructor(parts: RemotePointerParts) {
    this.#parts = parts;
  }

  /** A place of the browser's window as one on the surface. */
  onSurface({ clientX, clientY }: Pick<MouseEvent, "clientX" | "clientY">): Point {
    const { left, top } = this.#parts.surface.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  }

  /** A mouse or a pen is there, and the browser draws it. */
  follow(client: Client): void {
    this.#parts.cursor.hide();
    this.#parts.moves.settled(this.#placeAt(this.onSurface(client)), client.timeStamp);
  }

  /** As `follow`, and a later place follows. */
  pass(client: Client): void {
    this.#parts.moves.intermediate(this.#placeAt(this.onSurface(client)), client.timeStamp);
  }

  /** A finger points there, which no browser draws. */
  pointAt(place: Point, timeMs: number): void {
    this.#parts.moves.settled(this.#placeAt(place), timeMs);
    this.draw();
  }

  /** A finger on a trackpad moves it. */
  glide(by: Point, timeMs: number): void {
    const { view, moves } = this.#parts;
    moves.settled(this.#gliding.glide(by, this.#scale, view.desktop), timeMs);
    this.#reveal();
  }

  /**
   * A locked mouse moves it. Programs that hide the pointer, as games do, hold it in place and want
   * the movement itself.
   */
  move(by: Point, timeMs: number): void {
    const { view, moves, cursor } = this.#parts;
    if (cursor.isInvisible) {
      this.#isElsewhere = true;
      moves.by({ x: by.x * this.#scale, y: by.y * this.#scale });
      return;
    }
    this.#isElsewhere = false;
    moves.settled(this.#gliding.move(by, this.#scale, view.desktop), timeMs);
    this.#reveal();
  }

  button(button: number, down: boolean): void {
    const at = this.#isElsewhere ? {} : { at: this.#pixel };
    this.#parts.send({ type: "button", button, down, ...at });
  }

  /** Draws it where the browser does not. */
  draw(): void {
    this.#parts.cursor.show();
    this.laidOut();
  }

  /** The picture has another place. */
  laidOut(): void {
    const { x, y, width, height } = this.#parts.view.picture;
    const { desktop } = this.#parts.view;
    if (desktop.width === 0) return;
    const pixel = this.#pixel;
    this.#parts.cursor.place({
      x: x + ((pixel.x + 0.5) * width) / desktop.width,
      y: y + ((pixel.y + 0.5) * height) / desktop.height,
    });
  }

  get #pixel(): Point {
    return this.#gliding.pixel(this.#parts.view.desktop);
  }

  /** Pixels of the desktop for each CSS pixel. */
  get #scale(): number {
    const { desktop, picture } = this.#parts.view;
    return picture.width > 0 ? desktop.width / picture.width : 1;
  }

  #placeAt(place: Point): Point {
    const { view } = this.#parts;
    const pixel = desktopPixel(place, view.picture, view.desktop);
    this.#isElsewhere = false;
    this.#gliding.place(pixel);
    return pixel;
  }

  #reveal(): void {
    this.#parts.view.reveal(this.#pixel);
    this.#parts.revealed();
    this.draw();
  }
}
