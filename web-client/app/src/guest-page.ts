// A session for somebody who has a share link and no account: says a name, then sees the desktop.

import { sessionAddress } from "./api.js";
import { element } from "./html.js";
import { messagePage } from "./notice.js";
import { showDisplay } from "./route.js";
import { phrase, say } from "./texts.js";

const NAME_KEY = "streamspace-name";
const MAX_NAME_LENGTH = 40;

export class GuestPage {
  readonly view = element("div", { className: "session-page" });
  readonly #id: string;
  readonly #secret: string;

  constructor(id: string, secret: string) {
    this.#id = id;
    this.#secret = secret;
    document.title = `${id} – StreamSpace`;
    this.#askName();
  }

  #askName(): void {
    const name = element("input", {
      type: "text",
      required: true,
      maxLength: MAX_NAME_LENGTH,
      autocomplete: "name",
      dir: "auto",
      value: rememberedName(),
    });
    const label = element("label", { className: "field" }, say(phrase("yourName")), name);
    const join = element(
      "button",
      { type: "submit", className: "button primary" },
      say(phrase("join")),
    );
    const form = element("form", { className: "name-form" }, label, join);
    form.onsubmit = (event) => {
      event.preventDefault();
      const given = name.value.trim();
      if (given !== "") void this.#join(given);
    };
    const explained = element("p", { className: "quiet" }, say(phrase("nameExplained")));
    this.view.replaceChildren(messagePage(say(phrase("joinDesktop")), explained, form));
    queueMicrotask(() => name.focus());
  }

  async #join(name: string): Promise<void> {
    rememberName(name);
    await import("@streamspace/viewer");
    const viewer = element("streamspace-viewer", { autofocus: true });
    viewer.setAttribute("name", name);
    viewer.setAttribute("share", this.#secret);
    showDisplay(viewer, location);
    viewer.setAttribute("src", sessionAddress(this.#id));
    const heading = element("h1", { className: "unseen" }, this.#id);
    this.view.replaceChildren(element("main", {}, heading, viewer));
  }
}

/** Browsers that store nothing remember no name either. */
function rememberedName(): string {
  try {
    return localStorage.getItem(NAME_KEY) ?? "";
  } catch {
    return "";
  }
}

function rememberName(name: string): void {
  try {
    localStorage.setItem(NAME_KEY, name);
  } catch {
    // As above.
  }
}
