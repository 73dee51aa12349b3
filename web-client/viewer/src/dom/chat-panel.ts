// The chat: lines as text, never as markup, and a field to write one.

import { chatText, type Chat, type ShownLine } from "../core/chat.js";
import type { Language } from "../core/language.js";
import { colourOf } from "../core/people.js";
import { MAX_CHAT_CHARS } from "../core/protocol.js";
import { phrase } from "../core/texts.js";
import { element } from "./html.js";
import { Panel } from "./panel.js";

export interface ChatPanelEvents {
  send(text: string): void;
  closed(): void;
}

export class ChatPanel {
  readonly panel: Panel;
  /** It scrolls, so it takes the focus. */
  readonly #log = element("div", { className: "chat-log", role: "log", tabIndex: 0 });
  readonly #field = element("textarea", { rows: 2, maxLength: MAX_CHAT_CHARS, dir: "auto" });
  readonly #send = element("button", { type: "submit", className: "action" });
  readonly #chat: Chat;
  readonly #events: ChatPanelEvents;

  constructor(chat: Chat, events: ChatPanelEvents) {
    this.#chat = chat;
    this.#events = events;
    const form = element("form", { className: "chat-form" }, this.#field, this.#send);
    form.onsubmit = (event) => {
      event.preventDefault();
      this.#submit();
    };
    this.#field.onkeydown = (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#submit();
    };
    this.panel = new Panel("chat", [this.#log, form], () => events.closed());
  }

  speak(language: Language): void {
    this.panel.speak(language, phrase("chat"));
    this.#log.ariaLabel = language.say(phrase("chat"));
    this.#field.ariaLabel = language.say(phrase("writeLine"));
    this.#field.placeholder = language.say(phrase("writeLine"));
    this.#send.textContent = language.say(phrase("sendLine"));
    this.#log.replaceChildren();
    this.update(language);
  }

  open(): void {
    this.panel.open();
    this.#log.scrollTop = this.#log.scrollHeight;
    this.#field.focus();
  }

  /** Adds what is new: a log that is built anew would be read out from its start. */
  update(language: Language): void {
    const { lines } = this.#chat;
    if (lines.length === 0) {
      const nothing = element("p", { className: "quiet" }, language.say(phrase("noLines")));
      this.#log.replaceChildren(nothing);
      return;
    }
    const wanted = new Set(lines.map(({ number }) => String(number)));
    const shown = new Set<string>();
    for (const child of [...this.#log.children] as HTMLElement[]) {
      const number = child.dataset["number"] ?? "";
      if (wanted.has(number)) shown.add(number);
      else child.remove();
    }
    const wasAtEnd = this.#log.scrollHeight - this.#log.scrollTop - this.#log.clientHeight < 40;
    const added = lines.filter(({ number }) => !shown.has(String(number)));
    this.#log.append(...added.map((line) => lineView(line, language)));
    if (wasAtEnd) this.#log.scrollTop = this.#log.scrollHeight;
  }

  #submit(): void {
    const text = chatText(this.#field.value);
    if (text === null) return;
    this.#events.send(text);
    this.#field.value = "";
  }
}

function lineView(line: ShownLine, language: Language): HTMLElement {
  const name = element("bdi", { className: "name" }, line.name);
  name.style.setProperty("--person", colourOf(line.viewer));
  const time = element("time", {}, language.time(line.timeMs));
  time.dateTime = new Date(line.timeMs).toISOString();
  const text = element("p", { dir: "auto" }, line.text);
  const view = element(
    "div",
    { className: "line" },
    element("div", { className: "by" }, name, time),
    text,
  );
  view.dataset["number"] = String(line.number);
  view.classList.toggle("mine", line.isMine);
  return view;
}
