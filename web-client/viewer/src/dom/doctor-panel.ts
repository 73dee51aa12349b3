// The connection doctor: tests each hop of the way and says what to open.

import { Examination, hopName, type Hop } from "../core/doctor.js";
import type { Language, Phrase } from "../core/language.js";
import { phrase } from "../core/texts.js";
import type { DesktopOptions } from "./desktop.js";
import { element } from "./html.js";
import { Panel } from "./panel.js";
import { Probes } from "./probes.js";

export interface DoctorPanelEvents {
  options(): DesktopOptions;
  closed(): void;
}

type Shown = "open" | "closed" | "running" | "untested";

const RESULTS: Record<Shown, Phrase> = {
  open: phrase("hopOpen"),
  closed: phrase("hopClosed"),
  running: phrase("hopRunning"),
  untested: phrase("hopUntested"),
};

export class DoctorPanel {
  readonly panel: Panel;
  readonly #events: DoctorPanelEvents;
  readonly #list = element("ul", { className: "hops" });
  /** Always in the page: screen readers follow a region that they know already. */
  readonly #verdict = element("div", { className: "verdict", role: "status" });
  readonly #again = element("button", { type: "button", className: "action" });
  #examination: Examination | null = null;
  #running: readonly Hop[] = [];
  #probes: Probes | null = null;
  #language: Language;

  constructor(language: Language, events: DoctorPanelEvents) {
    this.#language = language;
    this.#events = events;
    this.#again.onclick = () => void this.#examine();
    this.panel = new Panel("doctor", [this.#verdict, this.#list, this.#again], () => {
      this.#stop();
      events.closed();
    });
  }

  speak(language: Language): void {
    this.#language = language;
    this.panel.speak(language, phrase("checkConnection"));
    this.#again.textContent = language.say(phrase("checkAgain"));
    this.#show();
  }

  open(): void {
    this.panel.open();
    this.panel.focus();
    void this.#examine();
  }

  close(): void {
    this.#stop();
    this.panel.close();
  }

  #stop(): void {
    this.#probes?.close();
    this.#probes = null;
  }

  async #examine(): Promise<void> {
    this.#stop();
    const examination = new Examination(location.origin);
    const learned = (servers: Parameters<Examination["learn"]>[0]) => examination.learn(servers);
    const probes = new Probes(() => this.#events.options(), learned);
    [this.#examination, this.#probes] = [examination, probes];
    for (let hops = examination.next(); hops.length > 0; hops = examination.next()) {
      this.#running = hops;
      this.#show();
      examination.found(await Promise.all(hops.map((hop) => probes.test(hop))));
      if (this.#probes !== probes) return;
    }
    this.#running = [];
    this.#show();
  }

  #show(): void {
    const examination = this.#examination;
    if (!examination) return;
    const isDone = this.#running.length === 0;
    this.#again.hidden = !isDone;
    const words = isDone ? examination.verdict() : [phrase("checking")];
    const paragraphs = words.map((word) => element("p", {}, this.#language.say(word)));
    this.#verdict.replaceChildren(...paragraphs);
    this.#list.replaceChildren(...examination.hops.map((hop) => this.#row(hop, examination)));
  }

  #row(hop: Hop, examination: Examination): HTMLElement {
    const isRunning = this.#running.some((running) => running === hop || isAlike(running, hop));
    const shown = examination.resultOf(hop) ?? (isRunning ? "running" : "untested");
    const name = element("span", { className: "hop" }, this.#language.say(hopName(hop)));
    const result = element("span", { className: "result" }, this.#language.say(RESULTS[shown]));
    const row = element("li", {}, name, result);
    row.dataset["result"] = shown;
    row.dataset["hop"] = "url" in hop ? hop.url : hop.type;
    return row;
  }
}

function isAlike(one: Hop, other: Hop): boolean {
  return (
    one.type === other.type && ("url" in one ? one.url : "") === ("url" in other ? other.url : "")
  );
}
