// One session in the whole window: waits until it runs, then shows it.

import { getSession, sessionAddress, wakeSession } from "./api.js";
import { isOver, progressOf, summarize } from "./describe.js";
import { element } from "./html.js";
import { errorText, homeLink, messagePage, signedOutNotice } from "./notice.js";
import type { Session } from "./api-types.js";
import { poll } from "./poll.js";
import { showDisplay } from "./route.js";
import { sessionFailure } from "./session-failure.js";
import { failureText } from "./session-list.js";
import { signInPage } from "./sign-in-page.js";
import { language, phrase, say } from "./texts.js";

const STARTING_MS = 300;
const TROUBLE_MS = 3_000;
/** Rarely: a session whose picture is still should cost nothing, and the viewer sees its end itself. */
const RUNNING_MS = 30_000;

export class SessionPage {
  readonly view = element("div", { className: "session-page" });
  readonly #id: string;
  readonly #signedOut = signedOutNotice();
  #isShown = false;
  /** One that falls asleep later stays so until somebody says otherwise. */
  #wasThere = false;

  constructor(id: string, left: AbortSignal) {
    this.#id = id;
    document.title = `${id} – StreamSpace`;
    this.#showMessage(say(phrase("starting")), element("p", { className: "quiet" }, id));
    poll(() => this.#refresh(), left);
  }

  async #refresh(): Promise<number | null> {
    try {
      const session = await getSession(this.#id);
      this.#signedOut.remove();
      return await this.#update(session);
    } catch (error) {
      return this.#failed(error);
    }
  }

  async #update(session: Session): Promise<number | null> {
    if (session.status?.phase === "Hibernated" && !this.#wasThere) {
      // Whoever opens it wants it.
      this.#wasThere = true;
      await wakeSession(this.#id);
      return STARTING_MS;
    }
    this.#wasThere = true;
    if (isOver(session)) {
      this.#showEnd(session);
      return null;
    }
    if (session.status?.phase === "Running") {
      await this.#showDesktop();
      return RUNNING_MS;
    }
    const progress = language().say(progressOf(session));
    this.#showMessage(say(phrase("starting")), element("p", { className: "quiet" }, progress));
    return STARTING_MS;
  }

  #failed(error: unknown): number | null {
    switch (sessionFailure(error, this.#isShown)) {
      case "sign-in":
        this.view.replaceChildren(signInPage(null));
        return null;
      case "signed-out":
        this.#showSignedOut();
        return RUNNING_MS;
      case "no-such-session":
        this.#showMessage(this.#id, element("p", {}, say(phrase("noSuchSession"))));
        return null;
      case "ended":
        this.#showMessage(this.#id, element("p", {}, say(phrase("sessionEnded"))));
        return null;
      case "trouble":
        this.#showMessage(this.#id, element("p", {}, errorText(error)));
        return TROUBLE_MS;
      case "none":
        return RUNNING_MS;
    }
  }

  #showSignedOut(): void {
    if (this.#signedOut.isConnected) return; // Perhaps dismissed.
    this.#signedOut.hidden = false;
    this.view.append(this.#signedOut);
  }

  async #showDesktop(): Promise<void> {
    // Polls come one after the other, so no second one is here while the viewer loads.
    if (this.#isShown) return;
    await import("@streamspace/viewer");
    const viewer = element("streamspace-viewer", { autofocus: true });
    showDisplay(viewer, location);
    viewer.setAttribute("src", sessionAddress(this.#id));
    viewer.append(
      element("a", { slot: "toolbar", href: "/" }, `‹ ${say(phrase("desktops"))}`),
      element("a", { slot: "ended", href: "/" }, say(phrase("allDesktops"))),
    );
    const heading = element("h1", { className: "unseen" }, this.#id);
    this.view.replaceChildren(element("main", {}, heading, viewer));
    this.#isShown = true;
  }

  #showEnd(session: Session): void {
    const { failure, phase } = summarize(session);
    if (failure) this.#showMessage(say(phrase("sessionFailed")), failureText(failure));
    else if (phase === "Hibernated") this.#showMessage(say(phrase("sessionSleeps")), wakeLink());
    else this.#showMessage(say(phrase("sessionEnded")));
  }

  #showMessage(title: string, ...body: HTMLElement[]): void {
    this.view.replaceChildren(messagePage(title, ...body, homeLink()));
  }
}

/** Opening a session wakes it. */
function wakeLink(): HTMLElement {
  const again = { href: location.pathname, className: "button primary" };
  return element("p", {}, element("a", again, say(phrase("wake"))));
}
