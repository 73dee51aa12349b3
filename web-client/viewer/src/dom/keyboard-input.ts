// Reads a keyboard from a hidden text field, which input methods and paste need.

import type { ClipboardContent } from "../core/clipboard.js";
import {
  ALTGRAPH_WAIT_MS,
  Keyboard,
  inputMessages,
  isLeaveChord,
  textMessages,
} from "../core/keyboard.js";
import type { KeyInput, KeyOutcome, Platform } from "../core/keyboard.js";
import { Outbox } from "../core/outbox.js";
import type { ClientMessage } from "../core/protocol.js";
import { pastedContent } from "./browser-clipboard.js";
import { listenOn } from "./listen.js";

/** What on-screen keyboards find to delete: without it, their Backspace causes no event. */
const SINK_TEXT = "\u200b";

/** Browsers fire the paste event soon, if they are not busy; without a clipboard to read, never. */
const PASTE_WAIT_MS = 300;

export interface KeyboardEvents {
  send(message: ClientMessage): void;
  /** Called before the key that pastes is sent, which waits for this to settle. */
  pasted(content: Promise<ClipboardContent>): Promise<void>;
  leave(): void;
}

export class KeyboardInput {
  readonly #keyboard = new Keyboard(platform());
  readonly #outbox = new Outbox();
  readonly #sink: HTMLTextAreaElement;
  readonly #events: KeyboardEvents;
  readonly #listeners = new AbortController();
  #settleTimer = 0;
  #pasteTimer = 0;
  /** Pastes whose content is on its way: what is typed meanwhile comes behind it. */
  #pastes = 0;

  constructor(sink: HTMLTextAreaElement, events: KeyboardEvents) {
    this.#sink = sink;
    this.#events = events;
    this.#sink.value = SINK_TEXT;
    const listen = listenOn(sink, this.#listeners.signal);
    listen("keydown", (event) => this.#keyDown(event));
    listen("keyup", (event) => this.#apply(event, this.#keyboard.up(keyInput(event))));
    listen("paste", (event) => this.#paste(event));
    listen("compositionstart", () => sink.classList.add("composing"));
    listen("compositionend", (event) => this.#composed(event.data));
    listen("input", (event) => this.#input(event));
    listen("blur", () => this.releaseAll());
    // Not every way out of a window takes the focus from the element in it.
    const options = { signal: this.#listeners.signal };
    window.addEventListener("blur", () => this.releaseAll(), options);
  }

  releaseAll(): void {
    const released = this.#keyboard.releaseAll();
    if (this.#pastes > 0) this.#queue(released);
    else this.#send([...this.#outbox.release(), ...released]);
  }

  close(): void {
    clearTimeout(this.#settleTimer);
    clearTimeout(this.#pasteTimer);
    this.#listeners.abort();
  }

  #keyDown(event: KeyboardEvent): void {
    const input = keyInput(event);
    if (!isLeaveChord(input)) {
      this.#apply(event, this.#keyboard.down(input));
      return;
    }
    event.preventDefault();
    this.releaseAll();
    this.#events.leave();
  }

  #apply(event: KeyboardEvent, { messages, preventDefault, wait }: KeyOutcome): void {
    if (preventDefault) event.preventDefault();
    clearTimeout(this.#settleTimer);
    if (wait === "paste") this.#holdForPaste();
    if (wait === "altgraph") {
      this.#settleTimer = window.setTimeout(
        () => this.#queue(this.#keyboard.settle()),
        ALTGRAPH_WAIT_MS,
      );
    }
    this.#queue(messages);
  }

  #holdForPaste(): void {
    this.#outbox.hold();
    clearTimeout(this.#pasteTimer);
    this.#pasteTimer = window.setTimeout(() => this.#releasePaste(), PASTE_WAIT_MS);
  }

  #paste(event: ClipboardEvent): void {
    event.preventDefault();
    clearTimeout(this.#pasteTimer);
    this.#outbox.hold();
    this.#pastes += 1;
    const settled = () => {
      this.#pastes -= 1;
      this.#releasePaste();
    };
    void this.#events.pasted(pastedContent(event.clipboardData)).then(settled, settled);
  }

  #releasePaste(): void {
    if (this.#pastes === 0 && !this.#listeners.signal.aborted) this.#send(this.#outbox.release());
  }

  /** Until here the field has shown what is being composed. */
  #composed(text: string): void {
    this.#sink.classList.remove("composing");
    this.#type(textMessages(text));
  }

  #input(event: InputEvent): void {
    const messages = inputMessages(event);
    if (messages.length > 0) this.#type(messages);
  }

  #type(messages: ClientMessage[]): void {
    this.#sink.value = SINK_TEXT;
    this.#queue(messages);
  }

  #queue(messages: ClientMessage[]): void {
    this.#send(this.#outbox.push(messages));
  }

  #send(messages: ClientMessage[]): void {
    for (const message of messages) this.#events.send(message);
  }
}

export function keyInput(event: KeyboardEvent): KeyInput {
  const { key, code, location, timeStamp, ctrlKey, altKey, shiftKey, metaKey } = event;
  // 229: an input method has taken the key; Safari says so only this way.
  const isComposing = event.isComposing || event.keyCode === 229;
  return { key, code, location, timeStamp, ctrlKey, altKey, shiftKey, metaKey, isComposing };
}

function platform(): Platform {
  if (/^mac|^iP/i.test(navigator.platform)) return "mac";
  return /^win/i.test(navigator.platform) ? "windows" : "other";
}
