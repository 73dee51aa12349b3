// What the connection is doing, and notices that go away by themselves.

import type { Status, StatusAction } from "../core/status.js";
import type { Notice } from "./desktop.js";
import { element } from "./html.js";

const NOTICE_MS = 10_000;

const ACTION_LABELS: Record<StatusAction, string> = {
  "try-webrtc": "Try WebRTC again",
  connect: "Connect again",
};

export class StatusBar {
  readonly view = element("div", { className: "messages" });
  readonly #status = element("div", { className: "status", role: "status", hidden: true });
  readonly #notices = element("div", { className: "notices", ariaLive: "polite" });
  readonly #run: (action: StatusAction) => void;

  constructor(run: (action: StatusAction) => void) {
    this.#run = run;
    this.#status.ariaLive = "polite";
    this.view.append(this.#notices, this.#status);
  }

  update({ text, tone, action }: Status): void {
    this.#status.hidden = text === "";
    this.#status.dataset["tone"] = tone;
    this.#status.replaceChildren(element("span", { className: "text" }, text));
    if (action) this.#status.append(textButton(ACTION_LABELS[action], () => this.#run(action)));
    if (tone === "warning") this.#status.append(dismissButton(this.#status));
    if (tone === "ended") this.#status.append(element("slot", { name: "ended" }));
  }

  /** Returns what takes the notice back. */
  notice({ text, action }: Notice): () => void {
    const notice = element(
      "div",
      { className: "notice" },
      element("span", { className: "text" }, text),
    );
    if (action) {
      const run = () => {
        action.run();
        notice.remove();
      };
      notice.append(textButton(action.label, run));
    }
    notice.append(dismissButton(notice));
    this.#notices.replaceChildren(notice);
    setTimeout(() => notice.remove(), NOTICE_MS);
    return () => notice.remove();
  }
}

function textButton(label: string, run: () => void): HTMLButtonElement {
  return element("button", { type: "button", className: "action", onclick: run }, label);
}

function dismissButton(target: HTMLElement): HTMLButtonElement {
  const onclick = () => (target.hidden = true);
  return element(
    "button",
    { type: "button", className: "dismiss", ariaLabel: "Dismiss", onclick },
    "×",
  );
}
