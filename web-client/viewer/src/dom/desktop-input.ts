// Everything that a person gives to a desktop over WebRTC: keyboard, mouse, pen, fingers, soft keys.

import type { ClipboardContent } from "../core/clipboard.js";
import type { TouchMode } from "../core/gestures.js";
import { LEAVE_CHORD } from "../core/keyboard.js";
import type { Language } from "../core/language.js";
import type { Point } from "../core/layout.js";
import type { ClientMessage, Cursor, PointerMove } from "../core/protocol.js";
import { SoftKeys } from "../core/soft-keys.js";
import { phrase } from "../core/texts.js";
import type { View } from "../core/view.js";
import { CursorView } from "./cursor-view.js";
import { KeyboardInput } from "./keyboard-input.js";
import { MoveSender } from "./move-sender.js";
import { PointerInput } from "./pointer-input.js";
import { RemotePointer } from "./remote-pointer.js";
import { TouchInput } from "./touch-input.js";

export interface DesktopInputEvents {
  send(message: ClientMessage): void;
  sendMove(move: PointerMove): void;
  pasted(content: Promise<ClipboardContent>): Promise<void>;
  leave(): void;
  softKeysChanged(): void;
  /** The view shows another part of the desktop. */
  viewed(): void;
}

export class DesktopInput {
  readonly softKeys: SoftKeys;
  readonly #sink = document.createElement("textarea");
  readonly #view: View;
  readonly #events: DesktopInputEvents;
  readonly #cursor: CursorView;
  readonly #moves: MoveSender;
  readonly #remote: RemotePointer;
  readonly #keyboard: KeyboardInput;
  readonly #pointer: PointerInput;
  readonly #touch: TouchInput;

  constructor(surface: HTMLElement, view: View, events: DesktopInputEvents) {
    this.#view = view;
    this.#events = events;
    this.softKeys = new SoftKeys({
      send: (message) => events.send(message),
      changed: () => events.softKeysChanged(),
    });
    const send = (message: ClientMessage) => this.softKeys.pass(message);
    this.#prepareSink();
    this.#cursor = new CursorView(surface);
    this.#moves = new MoveSender((move) => events.sendMove(move));
    this.#remote = new RemotePointer({
      surface,
      view,
      send,
      cursor: this.#cursor,
      moves: this.#moves,
      revealed: () => events.viewed(),
    });
    this.#keyboard = new KeyboardInput(this.#sink, {
      send,
      pasted: (content) => events.pasted(content),
      leave: () => events.leave(),
    });
    // Touch would bring up the on-screen keyboard at every tap.
    this.#pointer = new PointerInput(surface, this.#remote, { send, pressed: () => this.focus() });
    this.#touch = new TouchInput(surface, this.#remote, {
      send,
      pinched: (factor, from, to) => this.#pinched(factor, from, to),
      lifted: () => this.#lifted(),
    });
    surface.append(this.#cursor.view, this.#sink);
  }

  focus(): void {
    this.#sink.focus({ preventScroll: true });
  }

  cursor(cursor: Cursor, density: number): void {
    this.#cursor.shape(cursor, density);
  }

  speak(language: Language): void {
    this.#sink.ariaLabel = language.say(phrase("desktopKeyboard", { keys: LEAVE_CHORD }));
  }

  touchAs(mode: TouchMode): void {
    this.#touch.mode = mode;
    if (mode === "trackpad") this.#remote.draw();
  }

  laidOut(): void {
    this.#remote.laidOut();
  }

  /** A mouse that is locked is drawn by nobody else. */
  drawPointer(): void {
    this.#remote.draw();
  }

  close(): void {
    // It may stay below the next desktop, and leads nowhere.
    this.#sink.tabIndex = -1;
    this.#cursor.hide();
    this.#moves.close();
    this.#keyboard.close();
    this.#pointer.close();
    this.#touch.close();
  }

  /** Takes itself off the desktop: the person has no control any more. */
  remove(): void {
    this.close();
    this.#sink.remove();
    this.#cursor.view.remove();
  }

  #prepareSink(): void {
    this.#sink.className = "keyboard-sink";
    this.#sink.autocapitalize = "off";
    this.#sink.spellcheck = false;
    this.#sink.autocomplete = "off";
    this.#sink.setAttribute("autocorrect", "off");
  }

  #pinched(factor: number, from: Point, to: Point): void {
    this.#view.pinch(factor, from, to);
    this.#cursor.hide();
    this.#events.viewed();
  }

  #lifted(): void {
    this.#view.settle();
    this.#events.viewed();
  }
}
