// The browsers in which one is signed in.

import { element } from "../html.js";
import { language, phrase, say } from "../texts.js";
import { endOtherSignIns, endSignIn, listSignIns, type SignedIn } from "./account-api.js";
import { browserName } from "./browser-name.js";
import { actionRow, section } from "./section.js";

export class BrowsersSection {
  readonly view: HTMLElement;
  readonly #list = element("ul", { className: "rows" });
  readonly #others: HTMLElement;

  constructor() {
    this.#others = actionRow("button", say(phrase("signOutOthers")), async () => {
      await endOtherSignIns();
      await this.load();
    });
    this.view = section(say(phrase("browsers")), this.#list, this.#others);
  }

  async load(): Promise<void> {
    const browsers = await listSignIns();
    this.#others.hidden = browsers.every(({ isThis }) => isThis);
    this.#list.replaceChildren(...browsers.map((browser) => this.#row(browser)));
  }

  #row({ id, browser, begunUnixMs, isThis }: SignedIn): HTMLElement {
    const name = browserName(browser) ?? say(phrase("unknownBrowser"));
    const signOut = async () => {
      await endSignIn(id);
      await this.load();
    };
    const action = isThis
      ? element("span", { className: "tag" }, say(phrase("thisBrowser")))
      : actionRow("button", say(phrase("signOut")), signOut, say(phrase("signOutOne", { name })));
    return element(
      "li",
      {},
      element("bdi", { className: "name" }, name),
      element(
        "span",
        { className: "quiet" },
        say(phrase("since", { time: language().dateTime(begunUnixMs) })),
      ),
      action,
    );
  }
}
