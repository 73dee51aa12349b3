// One session in the whole window: waits until it runs, then shows it.

import { ApiError, getSession, sessionAddress } from "./api.js";
import { isOver, progressOf, summarize } from "./describe.js";
import { element } from "./html.js";
import { errorText, homeLink, isSignInNeeded, messagePage, signInPage } from "./notice.js";
import type { Session } from "./objects.js";
import { poll } from "./poll.js";
import { failureText } from "./session-list.js";

const STARTING_MS = 300;
const RUNNING_MS = 3_000;

export class SessionPage {
  readonly view = element("div", { className: "session-page" });
  readonly #id: string;
  #isShown = false;

  constructor(id: string, left: AbortSignal) {
    this.#id = id;
    document.title = `${id} – StreamSpace`;
    this.#showMessage("Starting …", element("p", { className: "quiet" }, id));
    poll(() => this.#refresh(), left);
  }

  async #refresh(): Promise<number | null> {
    try {
      return await this.#update(await getSession(this.#id));
    } catch (error) {
      return this.#failed(error);
    }
  }

  async #update(session: Session): Promise<number | null> {
    if (isOver(session)) {
      this.#showEnd(session);
      return null;
    }
    if (session.status?.phase === "Running") {
      await this.#showDesktop();
      return RUNNING_MS;
    }
    this.#showMessage("Starting …", element("p", { className: "quiet" }, progressOf(session)));
    return STARTING_MS;
  }

  #failed(error: unknown): number | null {
    if (isSignInNeeded(error)) {
      this.view.replaceChildren(signInPage(null));
      return null;
    }
    if (isNotFound(error)) {
      const text = this.#isShown ? "The session has ended." : "There is no such session.";
      this.#showMessage(this.#id, element("p", {}, text));
      return null;
    }
    // While a desktop is shown, its viewer says what the connection is doing.
    if (!this.#isShown) this.#showMessage(this.#id, element("p", {}, errorText(error)));
    return RUNNING_MS;
  }

  async #showDesktop(): Promise<void> {
    if (this.#isShown) return;
    this.#isShown = true;
    await import("@streamspace/viewer");
    const viewer = element("streamspace-viewer", { autofocus: true });
    viewer.setAttribute("src", sessionAddress(this.#id));
    viewer.append(
      element("a", { slot: "toolbar", href: "/" }, "‹ Desktops"),
      element("a", { slot: "ended", href: "/" }, "All desktops"),
    );
    this.view.replaceChildren(viewer);
  }

  #showEnd(session: Session): void {
    const { failure, phase } = summarize(session);
    if (failure) this.#showMessage("The session failed", failureText(failure));
    else if (phase === "Hibernated") this.#showMessage("The session sleeps");
    else this.#showMessage("The session has ended");
  }

  #showMessage(title: string, ...body: HTMLElement[]): void {
    this.view.replaceChildren(messagePage(title, ...body, homeLink()));
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}
