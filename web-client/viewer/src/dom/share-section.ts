// Makes share links, shows each once, and withdraws them.

import type { Language, Phrase } from "../core/language.js";
import { roleName } from "../core/people.js";
import type { Role, Share, ShareMade } from "../core/protocol.js";
import { LIFETIMES, endOf, lifetimeName, newShare, type Lifetime } from "../core/share.js";
import { phrase } from "../core/texts.js";
import { copyText } from "./copy.js";
import { element } from "./html.js";
import { ConnectError } from "./join.js";
import type { ShareApi } from "./share-api.js";

const ROLES: readonly Role[] = ["view", "control", "own"];
const MAY: Record<Role, Phrase> = {
  view: phrase("mayWatch"),
  control: phrase("mayControl"),
  own: phrase("mayOwn"),
};

export class ShareSection {
  readonly view = element("div", { className: "share", hidden: true });
  readonly #api: ShareApi;
  readonly #role = element("select", {});
  readonly #lifetime = element("select", {});
  readonly #label = element("input", { type: "text", maxLength: 80, dir: "auto" });
  readonly #made = element("div", { className: "made" });
  readonly #trouble = element("p", { className: "trouble", role: "alert" });
  readonly #linksTitle = element("h3", {});
  readonly #links = element("ul", { className: "links" });
  #language: Language | null = null;
  #shares: Share[] = [];

  constructor(api: ShareApi) {
    this.#api = api;
  }

  speak(language: Language): void {
    this.#language = language;
    const say = language.say.bind(language);
    fill(
      this.#role,
      ROLES.map((role) => [role, say(MAY[role])]),
    );
    fill(
      this.#lifetime,
      LIFETIMES.map((time) => [time, say(lifetimeName(time))]),
    );
    const make = element(
      "button",
      { type: "submit", className: "action" },
      say(phrase("makeLink")),
    );
    const form = element(
      "form",
      { className: "share-form" },
      field(say(phrase("shareRole")), this.#role),
      field(say(phrase("shareTime")), this.#lifetime),
      field(say(phrase("shareLabel")), this.#label),
      make,
    );
    form.onsubmit = (event) => {
      event.preventDefault();
      void this.#try(async () => this.#make());
    };
    const title = element("h3", {}, say(phrase("shareByLink")));
    const explained = element("p", { className: "quiet" }, say(phrase("shareExplained")));
    const made = [this.#trouble, this.#made, this.#linksTitle, this.#links];
    this.view.replaceChildren(title, explained, form, ...made);
    this.#showLinks();
  }

  /** Only who has an account and owns the session makes links. */
  async show(mayShare: boolean): Promise<void> {
    this.view.hidden = !mayShare;
    this.#made.replaceChildren();
    if (mayShare) await this.#try(async () => this.#refresh());
  }

  async #make(): Promise<void> {
    this.#made.replaceChildren();
    const order = newShare(
      this.#role.value as Role,
      this.#lifetime.value as Lifetime,
      this.#label.value,
    );
    const made = await this.#api.make(order);
    this.#label.value = "";
    this.#showMade(made);
    await this.#refresh();
  }

  async #refresh(): Promise<void> {
    this.#shares = await this.#api.list();
    this.#showLinks();
  }

  #showMade({ path }: ShareMade): void {
    const say = this.#say;
    const address = new URL(path, location.href).href;
    const link = element("input", { type: "text", readOnly: true, value: address, dir: "ltr" });
    link.ariaLabel = say(phrase("newLink"));
    link.onfocus = () => link.select();
    const copy = element(
      "button",
      { type: "button", className: "action" },
      say(phrase("copyLink")),
    );
    copy.onclick = async () => {
      await copyText(address);
      copy.textContent = say(phrase("copied"));
    };
    const once = element("p", { className: "quiet" }, say(phrase("linkShownOnce")));
    this.#made.replaceChildren(element("div", { className: "made-link" }, link, copy), once);
    copy.focus();
  }

  #showLinks(): void {
    this.#linksTitle.textContent = this.#say(phrase("linksMade"));
    this.#linksTitle.hidden = this.#shares.length === 0;
    this.#links.replaceChildren(...this.#shares.map((share) => this.#link(share)));
  }

  #link(share: Share): HTMLElement {
    const language = this.#language;
    const role = this.#say(roleName(share.role));
    const name = share.label === "" ? role : share.label;
    const end = language ? language.say(endOf(share, Date.now(), language)) : "";
    const notes = [...(share.label === "" ? [] : [role]), end].join(" · ");
    const text = element(
      "div",
      { className: "who" },
      element("bdi", {}, name),
      element("span", { className: "role" }, notes),
    );
    const withdraw = element(
      "button",
      { type: "button", className: "small" },
      this.#say(phrase("withdraw")),
    );
    withdraw.ariaLabel = this.#say(phrase("withdrawLink", { name }));
    withdraw.onclick = () =>
      void this.#try(async () => {
        await this.#api.withdraw(share.id);
        this.#made.replaceChildren();
        await this.#refresh();
      });
    const row = element("li", {}, text, withdraw);
    row.dataset["share"] = share.id;
    return row;
  }

  async #try(run: () => Promise<void>): Promise<void> {
    this.#trouble.textContent = "";
    try {
      await run();
    } catch (error) {
      const reason = error instanceof ConnectError ? error.failure.reason : String(error);
      this.#trouble.textContent = this.#say(phrase("shareFailed", { reason }));
    }
  }

  get #say(): (saying: Phrase) => string {
    return (saying) => this.#language?.say(saying) ?? "";
  }
}

function fill(select: HTMLSelectElement, options: [string, string][]): void {
  const { value } = select;
  select.replaceChildren(...options.map(([value, label]) => element("option", { value }, label)));
  if (value !== "") select.value = value;
}

function field(label: string, input: HTMLElement): HTMLElement {
  return element("label", { className: "field" }, element("span", {}, label), input);
}
