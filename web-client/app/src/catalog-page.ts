// The start page: what runs, and what can be started.

import { getMe } from "./account/account-api.js";
import { createSession, endSession, hibernateSession, listSessions, listTemplates } from "./api.js";
import { summarize } from "./describe.js";
import { element } from "./html.js";
import { errorText, isSignInNeeded } from "./notice.js";
import { pageHeader } from "./page-header.js";
import type { NewSessionInput as NewSession } from "./api-types.js";
import { poll } from "./poll.js";
import { sessionPath } from "./route.js";
import { phrase, say } from "./texts.js";
import { sessionList } from "./session-list.js";
import { signInPage } from "./sign-in-page.js";
import { catalogProblems, templateCards } from "./template-card.js";

const REFRESH_MS = 2_000;

export class CatalogPage {
  readonly view = element("div", { className: "page" });
  /** Why the page may be out of date; goes away with the next answer. */
  readonly #offline = problemText();
  /** Why the last click did nothing; stays until the next. */
  readonly #refused = problemText();
  /** What an admin has for everybody. */
  readonly #announcement = element("p", {
    className: "announcement",
    role: "status",
    hidden: true,
  });
  readonly #sessions = element("section", { className: "sessions", hidden: true });
  readonly #catalog = element("section", { className: "catalog" });
  /** What the list shows now: an unchanged one is left alone, with its focus. */
  #shownSessions = "";
  readonly #left: AbortSignal;

  constructor(left: AbortSignal) {
    this.#left = left;
    const parts = [this.#announcement, this.#offline, this.#refused, this.#sessions, this.#catalog];
    this.view.append(pageHeader(), element("main", { className: "desktops" }, ...parts));
    poll(() => this.#loadCatalog(), left);
    poll(() => this.#refreshSessions(), left);
  }

  async #loadCatalog(): Promise<number | null> {
    try {
      const [{ items, problems }, { announcement }] = await Promise.all([listTemplates(), getMe()]);
      this.#announcement.textContent = announcement;
      this.#announcement.hidden = announcement === "";
      const cards = templateCards(items, (template) => this.#start({ template }));
      const empty = element("p", { className: "quiet" }, say(phrase("emptyCatalog")));
      this.#catalog.replaceChildren(
        element("h2", {}, say(phrase("startDesktop"))),
        items.length > 0 ? cards : empty,
        ...(problems.length > 0 ? [catalogProblems(problems)] : []),
      );
      return null;
    } catch (error) {
      this.#showError(this.#offline, error);
      return isSignInNeeded(error) ? null : REFRESH_MS;
    }
  }

  async #refreshSessions(): Promise<number | null> {
    try {
      if (document.visibilityState === "visible") await this.#loadSessions();
      return REFRESH_MS;
    } catch (error) {
      this.#showError(this.#offline, error);
      return isSignInNeeded(error) ? null : REFRESH_MS;
    }
  }

  async #loadSessions(): Promise<void> {
    const { items } = await listSessions();
    const sessions = items.map(summarize);
    this.#offline.hidden = true;
    const shown = JSON.stringify(sessions);
    if (shown === this.#shownSessions) return;
    this.#shownSessions = shown;
    this.#sessions.hidden = sessions.length === 0;
    const actions = {
      end: (id: string) => this.#change(() => endSession(id)),
      hibernate: (id: string) => this.#change(() => hibernateSession(id)),
    };
    this.#sessions.replaceChildren(sessionList(sessions, actions));
  }

  #start(session: NewSession): Promise<void> {
    return this.#act(async () => {
      const created = await createSession(session);
      location.assign(sessionPath(created.metadata.name));
    });
  }

  #change(change: () => Promise<unknown>): Promise<void> {
    return this.#act(async () => {
      await change();
      await this.#loadSessions();
    });
  }

  async #act(action: () => Promise<void>): Promise<void> {
    this.#refused.hidden = true;
    try {
      await action();
    } catch (error) {
      this.#showError(this.#refused, error);
      this.#refused.scrollIntoView({ block: "center" });
    }
  }

  #showError(place: HTMLElement, error: unknown): void {
    if (this.#left.aborted) return;
    if (isSignInNeeded(error)) {
      this.view.replaceChildren(signInPage(null));
      return;
    }
    place.hidden = false;
    place.textContent = errorText(error);
  }
}

function problemText(): HTMLElement {
  return element("p", { className: "problem", role: "alert", hidden: true });
}
