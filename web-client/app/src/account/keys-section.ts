// One's API keys.

import { choice, field, form, textInput } from "../form.js";
import { element } from "../html.js";
import { language, phrase, say } from "../texts.js";
import { addKey, listKeys, removeKey, type ApiKey, type Scope } from "./account-api.js";
import { actionRow, section } from "./section.js";

const SCOPES = {
  read: "scopeRead",
  sessions: "scopeSessions",
  admin: "scopeAdmin",
} as const satisfies Record<Scope, string>;

const LIFETIMES_DAYS = [1, 30, 90, 365];
const DAY_S = 24 * 60 * 60;
const MAX_LABEL_LENGTH = 80;

export class KeysSection {
  readonly view: HTMLElement;
  readonly #list = element("ul", { className: "rows" });
  readonly #made = element("div", { className: "made", role: "status" });

  constructor() {
    this.view = section(
      say(phrase("apiKeys")),
      element("p", { className: "quiet" }, say(phrase("keysExplained"))),
      this.#list,
      this.#made,
      this.#form(),
    );
  }

  async load(): Promise<void> {
    const keys = await listKeys();
    this.#list.hidden = keys.length === 0;
    this.#list.replaceChildren(...keys.map((key) => this.#row(key)));
  }

  #row(key: ApiKey): HTMLElement {
    const about = [
      say(phrase(SCOPES[key.scope])),
      say(phrase("keyEnd", { time: day(key.expiresUnixMs) })),
      say(phrase("keyUse", { time: day(key.usedUnixMs) })),
    ];
    const withdraw = async () => {
      await removeKey(key.id);
      this.#made.replaceChildren();
      await this.load();
    };
    const name = say(phrase("withdrawOne", { name: key.label }));
    return element(
      "li",
      {},
      element("bdi", { className: "name" }, key.label),
      element("span", { className: "quiet" }, about.join(" · ")),
      actionRow("button", say(phrase("withdraw")), withdraw, name),
    );
  }

  #form(): HTMLElement {
    const label = textInput({ maxLength: MAX_LABEL_LENGTH, autocomplete: "off", dir: "auto" });
    const scopes = Object.entries(SCOPES) as [Scope, (typeof SCOPES)[Scope]][];
    const scope = choice(scopes.map(([value, text]) => [value, say(phrase(text))]));
    const days = LIFETIMES_DAYS.map((count): [string, string] => [
      String(count),
      say(phrase("afterDays", { count })),
    ]);
    const ends = choice([...days, ["", say(phrase("never"))]]);
    ends.value = "90";
    const make = async () => {
      const key = await addKey({
        label: label.value,
        scope: scope.value as Scope,
        ...(ends.value !== "" && { expiresInS: Number(ends.value) * DAY_S }),
      });
      label.value = "";
      this.#show(key);
      await this.load();
    };
    const fields = [
      field(say(phrase("keyLabel")), label),
      field(say(phrase("keyScope")), scope),
      field(say(phrase("keyEnds")), ends),
    ];
    return form(fields, say(phrase("makeKey")), make);
  }

  #show(key: string): void {
    const shown = element("input", {
      type: "text",
      readOnly: true,
      value: key,
      dir: "ltr",
      className: "secret",
    });
    shown.onfocus = () => shown.select();
    this.#made.replaceChildren(field(say(phrase("keyMade")), shown));
  }
}

function day(unixMs: number | null | undefined): string {
  return unixMs == null ? say(phrase("never")) : language().dateTime(unixMs);
}
