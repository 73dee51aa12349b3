// What the connection is doing, and notices that go away by themselves.

import type { Language } from "../core/language.js";
import { ACTION_LABELS, type Status, type StatusAction } from "../core/status.js";
import { phrase } from "../core/texts.js";
import type { Notice } from "./desktop.js";
import { element } from "./html.js";

const NOTICE_MS = 10_000;

export class StatusBar {
  readonly view = element("div", { className: "messages" });
  readonly #status = element("div", { className: "status unseen" });
  /** Always in the page: screen readers follow a region that they know already. */
  readonly #text = element("span", { className: "text", role: "status" });
  readonly #notices = element("div", { className: "notices", role: "log" });
  readonly #run: (action: StatusAction) => void;
  readonly #examine: () => void;

  /** `examine`: the person wants to know what stands in the way. */
  constructor(run: (action: StatusAction) => void, examine: () => void) {
    this.#run = run;
    this.#examine = examine;
    this.#status.part.add("status");
    this.view.append(this.#notices, this.#status);
  }

  update({ text, tone, action, isExaminable }: Status, language: Language): void {
    this.#text.textContent = text === null ? "" : language.say(text);
    this.#status.classList.toggle("unseen", tone === "done");
    this.#status.dataset["tone"] = tone;
    this.#status.replaceChildren(this.#text);
    if (action) {
      const label = language.say(ACTION_LABELS[action]);
      this.#status.append(textButton(label, () => this.#run(action)));
    }
    if (isExaminable) {
      this.#status.append(textButton(language.say(phrase("findOutWhy")), () => this.#examine()));
    }
    if (tone === "warning") {
      const dismiss = () => this.#status.classList.add("unseen");
      this.#status.append(dismissButton(language, dismiss));
    }
    if (tone === "ended") this.#status.append(element("slot", { name: "ended" }));
  }

  /** Puts the focus on what can be done now. */
  focus(): void {
    this.#status.querySelector("button")?.focus();
  }

  /** Returns what takes the notice back. */
  notice({ text, action }: Notice, language: Language): () => void {
    const notice = element("div", { className: "notice" }, textOf(language.say(text)));
    if (action) {
      const run = () => {
        action.run();
        notice.remove();
      };
      notice.append(textButton(language.say(action.label), run));
    }
    notice.part.add("notice");
    notice.append(dismissButton(language, () => notice.remove()));
    this.#notices.replaceChildren(notice);
    setTimeout(() => notice.remove(), NOTICE_MS);
    return () => notice.remove();
  }
}

function textOf(text: string): HTMLElement {
  return element("span", { className: "text" }, text);
}

function textButton(label: string, run: () => void): HTMLButtonElement {
  return element("button", { type: "button", className: "action", onclick: run }, label);
}

function dismissButton(language: Language, onclick: () => void): HTMLButtonElement {
  const ariaLabel = language.say(phrase("dismiss"));
  return element("button", { type: "button", className: "dismiss", ariaLabel, onclick }, "×");
}
