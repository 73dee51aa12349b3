// The uploads: how far each is, and what can be done about it.

import type { Language } from "../core/language.js";
import { nameOf } from "../core/files.js";
import { phrase } from "../core/texts.js";
import { isOver, type Upload } from "../core/uploads.js";
import { element } from "./html.js";
import type { UploadDriver } from "./upload-driver.js";

/** Of a long list, those that move and the last that are over. */
const MOST_SHOWN = 50;

interface Row {
  view: HTMLElement;
  bar: HTMLProgressElement;
  text: HTMLElement;
  cancel: HTMLButtonElement;
  retry: HTMLButtonElement;
}

export class UploadsView {
  readonly view = element("section", { className: "uploads", hidden: true });
  readonly #driver: () => UploadDriver;
  readonly #summary = element("p", { role: "status" });
  readonly #clear = element("button", { type: "button", className: "action" });
  readonly #list = element("ul", {});
  readonly #rows = new Map<number, Row>();
  #language: Language;

  constructor(language: Language, driver: () => UploadDriver) {
    this.#language = language;
    this.#driver = driver;
    this.#clear.onclick = () => driver().clear();
    this.view.append(this.#summary, this.#list, this.#clear);
  }

  speak(language: Language): void {
    this.#language = language;
    this.#rows.clear();
    this.update();
  }

  update(): void {
    const { uploads } = this.#driver();
    const { all } = uploads;
    this.view.hidden = all.length === 0;
    this.view.ariaLabel = this.#language.say(phrase("uploads"));
    this.#clear.textContent = this.#language.say(phrase("clearUploads"));
    this.#clear.hidden = !all.some(({ phase }) => isOver(phase));
    this.#summarize(all, uploads.bytesPerSecond(performance.now()));
    this.#list.replaceChildren(...shown(all).map((upload) => this.#row(upload)));
    for (const key of this.#rows.keys()) {
      if (!all.some((upload) => upload.key === key)) this.#rows.delete(key);
    }
  }

  #summarize(all: readonly Upload[], speed: number): void {
    const done = all.filter(({ phase }) => phase.name === "done").length;
    const counts = { done, total: all.length };
    const isBusy = all.some(({ phase }) => !isOver(phase));
    const text = isBusy
      ? phrase("uploadsGoing", { ...counts, speed: this.#language.bytesPerSecond(speed) })
      : phrase("uploadsDone", counts);
    // Screen readers say each change; a speed that changes all the time would never be over.
    const said = this.#language.say(text);
    if (this.#summary.textContent !== said) this.#summary.textContent = said;
    this.#summary.ariaLive = isBusy ? "off" : "polite";
  }

  #row(upload: Upload): HTMLElement {
    const row = this.#rows.get(upload.key) ?? this.#makeRow(upload);
    this.#rows.set(upload.key, row);
    row.bar.hidden = isOver(upload.phase);
    row.bar.value = upload.bytes === 0 ? 0 : upload.sent / upload.bytes;
    row.text.textContent = this.#language.say(this.#wordsFor(upload));
    row.retry.hidden = upload.phase.name !== "failed";
    row.view.dataset["phase"] = upload.phase.name;
    return row.view;
  }

  #makeRow({ key, path }: Upload): Row {
    const name = nameOf(path);
    const say = (text: "uploadProgress" | "cancelUpload" | "retryUpload") =>
      this.#language.say(phrase(text, { name }));
    const bar = element("progress", { max: 1, ariaLabel: say("uploadProgress") });
    const text = element("span", { className: "quiet" });
    const retry = element("button", { type: "button", ariaLabel: say("retryUpload") }, "↻");
    const cancel = element("button", { type: "button", ariaLabel: say("cancelUpload") }, "×");
    retry.onclick = () => this.#driver().retry(key);
    cancel.onclick = () => this.#driver().cancel(key);
    const title = element("span", { className: "name", title: path }, name);
    const view = element("li", {}, title, bar, text, retry, cancel);
    return { view, bar, text, cancel, retry };
  }

  #wordsFor({ phase, sent, bytes }: Upload) {
    switch (phase.name) {
      case "waiting":
        return phrase("uploadWaiting");
      case "asking":
      case "sending":
        return phrase("uploadSending", { sent: { bytes: sent }, total: { bytes } });
      case "broken":
        return phrase("uploadBroken", { reason: phase.reason });
      case "failed":
        return phrase("uploadFailed", { reason: phase.reason });
      case "done":
        return phrase("uploadDone", { path: phase.path });
    }
  }
}

function shown(all: readonly Upload[]): Upload[] {
  if (all.length <= MOST_SHOWN) return [...all];
  const moving = all.filter(({ phase }) => !isOver(phase) && phase.name !== "waiting");
  const failed = all.filter(({ phase }) => phase.name === "failed");
  const rest = all.filter((upload) => !moving.includes(upload) && !failed.includes(upload));
  return [...moving, ...failed, ...rest.reverse()].slice(0, MOST_SHOWN);
}
