// One's passkeys.

import { field, form, passwordInput, textInput } from "../form.js";
import { element } from "../html.js";
import { isPasskeyStopped, makePasskey, passkeysWork } from "../passkey.js";
import { language, phrase, say } from "../texts.js";
import { addPasskey, listPasskeys, removePasskey, type Me, type Passkey } from "./account-api.js";
import { usernameFor, wrongPasswordText } from "./password-section.js";
import { section } from "./section.js";

const MAX_LABEL_LENGTH = 80;

export class PasskeysSection {
  readonly view: HTMLElement;
  readonly #me: Me;
  readonly #list = element("ul", { className: "rows" });

  constructor(me: Me) {
    this.#me = me;
    this.view = section(
      say(phrase("passkeys")),
      element("p", { className: "quiet" }, say(phrase("passkeysExplained"))),
      this.#list,
      passkeysWork()
        ? this.#form()
        : element("p", { className: "quiet" }, say(phrase("noPasskeysHere"))),
    );
    this.#list.hidden = true;
  }

  async load(): Promise<void> {
    const passkeys = await listPasskeys();
    this.#list.hidden = passkeys.length === 0;
    this.#list.replaceChildren(...passkeys.map((passkey) => this.#row(passkey)));
  }

  #row({ id, label, createdUnixMs, usedUnixMs }: Passkey): HTMLElement {
    const used = usedUnixMs == null ? say(phrase("never")) : language().dateTime(usedUnixMs);
    const about = [
      say(phrase("since", { time: language().dateTime(createdUnixMs) })),
      say(phrase("keyUse", { time: used })),
    ];
    const password = this.#password();
    const remove = async () => {
      await removePasskey(id, password?.value);
      await this.load();
    };
    const name = say(phrase("removeOne", { name: label }));
    const asking = form(this.#fields(password), name, remove, wrongPasswordText);
    return element(
      "li",
      {},
      element("bdi", { className: "name" }, label),
      element("span", { className: "quiet" }, about.join(" · ")),
      element("details", {}, element("summary", {}, say(phrase("remove"))), asking),
    );
  }

  #form(): HTMLElement {
    const label = textInput({ maxLength: MAX_LABEL_LENGTH, autocomplete: "off", dir: "auto" });
    const password = this.#password();
    const add = async () => {
      await addPasskey(await makePasskey(label.value, password?.value));
      label.value = "";
      if (password) password.value = "";
      await this.load();
    };
    const fields = [field(say(phrase("passkeyLabel")), label), ...this.#fields(password)];
    const explain = (error: unknown) =>
      isPasskeyStopped(error) ? say(phrase("noPasskeyUsed")) : wrongPasswordText(error);
    return form(fields, say(phrase("addPasskey")), add, explain);
  }

  /** Who has a password shows it, so that nobody else changes how one signs in. */
  #password(): HTMLInputElement | null {
    return this.#me.hasPassword ? passwordInput({ autocomplete: "current-password" }) : null;
  }

  #fields(password: HTMLInputElement | null): HTMLElement[] {
    if (password === null) return [];
    return [usernameFor(this.#me), field(say(phrase("password")), password)];
  }
}
