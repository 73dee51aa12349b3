// One's own account: who one is, password, second factor, API keys, and where one is signed in.

import { element } from "../html.js";
import { errorText, isSignInNeeded } from "../notice.js";
import { pageHeader } from "../page-header.js";
import { signInPage } from "../sign-in-page.js";
import { phrase, say } from "../texts.js";
import { getMe, signOut, type Me } from "./account-api.js";
import { BrowsersSection } from "./browsers-section.js";
import { KeysSection } from "./keys-section.js";
import { PasskeysSection } from "./passkeys-section.js";
import { passwordSection } from "./password-section.js";
import { secondFactorSection } from "./second-factor-section.js";
import { actionRow, section } from "./section.js";

const ROLES = {
  viewer: "roleViewer",
  user: "roleUser",
  operator: "roleOperator",
  admin: "roleAdmin",
} as const satisfies Record<Me["role"], string>;

export class AccountPage {
  readonly view = element("div", { className: "page" });
  readonly #main = element("main", { className: "account" });
  readonly #keys = new KeysSection();
  readonly #browsers = new BrowsersSection();
  readonly #left: AbortSignal;

  constructor(left: AbortSignal) {
    this.#left = left;
    document.title = `${say(phrase("account"))} – StreamSpace`;
    this.view.append(pageHeader(), this.#main);
    void this.#load();
  }

  async #load(): Promise<void> {
    try {
      const me = await getMe();
      this.#show(me, null);
      await Promise.all([this.#keys.load(), this.#browsers.load()]);
    } catch (error) {
      if (this.#left.aborted) return;
      if (isSignInNeeded(error)) this.view.replaceChildren(signInPage(null));
      else this.#main.replaceChildren(element("p", { className: "problem" }, errorText(error)));
    }
  }

  /** Shows all of it anew, as a change in one part may change another; `said` is what came of it. */
  #show(me: Me, said: string | null): HTMLElement {
    const passkeys = new PasskeysSection(me);
    void passkeys.load().catch((error: unknown) => {
      passkeys.view.append(element("p", { className: "problem" }, errorText(error)));
    });
    const secondFactor = secondFactorSection(me, (text) => this.#changed(text));
    const status = element("p", { className: "said", role: "status", tabIndex: -1 }, said ?? "");
    status.hidden = said === null;
    this.#main.replaceChildren(
      status,
      column(
        identity(me),
        passwordSection(me, (text) => this.#changed(text)),
        passkeys.view,
        secondFactor,
      ),
      column(this.#keys.view, this.#browsers.view),
    );
    return said === null ? secondFactor : status;
  }

  /** What was pressed is gone, so the focus goes to where it is said what came of it. */
  async #changed(said: string | null): Promise<void> {
    this.#show(await getMe(), said).focus();
    await this.#browsers.load();
  }
}

function column(...sections: HTMLElement[]): HTMLElement {
  return element("div", { className: "column" }, ...sections);
}

function identity(me: Me): HTMLElement {
  const role = say(phrase("role", { role: phrase(ROLES[me.role]) }));
  const leave = actionRow("button", say(phrase("signOut")), async () => {
    location.assign((await signOut()) ?? "/");
  });
  return section(
    say(phrase("account")),
    element("p", {}, say(phrase("signedInAs", { name: me.user })), " ", role),
    leave,
  );
}
