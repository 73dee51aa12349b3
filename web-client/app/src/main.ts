// Signs in if the address says so, then shows the page that it names.

import { AccountPage } from "./account/account-page.js";
import { signIn } from "./api.js";
import { CatalogPage } from "./catalog-page.js";
import { GuestPage } from "./guest-page.js";
import { errorText, homeLink, messagePage, providerProblem } from "./notice.js";
import { routeOf, shareSecret, signInProblem, signInToken } from "./route.js";
import { SessionPage } from "./session-page.js";
import { signInPage } from "./sign-in-page.js";
import { language, phrase, say } from "./texts.js";

async function main(): Promise<void> {
  document.documentElement.lang = language().code;
  document.documentElement.dir = language().direction;
  const token = signInToken(location.hash);
  if (token !== null) {
    // Out of the address before anything else: it must not reach history or a bookmark.
    history.replaceState(null, "", location.pathname + location.search);
    try {
      await signIn({ token });
    } catch (error) {
      document.body.replaceChildren(signInPage(errorText(error)));
      return;
    }
  }
  const problem = signInProblem(location.hash);
  if (problem !== null) {
    history.replaceState(null, "", location.pathname);
    document.body.replaceChildren(signInPage(say(providerProblem(problem))));
    return;
  }
  document.body.replaceChildren(pageFor(location.pathname));
}

function pageFor(path: string): HTMLElement {
  const left = new AbortController();
  window.addEventListener("pagehide", () => left.abort());
  const route = routeOf(path);
  switch (route.page) {
    case "catalog":
      return new CatalogPage(left.signal).view;
    case "account":
      return new AccountPage(left.signal).view;
    case "session":
      return sessionPage(route.id, left.signal);
    case "unknown":
      return messagePage(say(phrase("noSuchPage")), homeLink());
  }
}

function sessionPage(id: string, left: AbortSignal): HTMLElement {
  const secret = shareSecret(location.hash);
  return secret === null ? new SessionPage(id, left).view : new GuestPage(id, secret).view;
}

// A link that is pasted into an open tab may change the fragment alone.
window.addEventListener("hashchange", () => {
  const { hash } = location;
  if (signInToken(hash) !== null || shareSecret(hash) !== null) location.reload();
});

// A page out of the back-forward cache has stopped asking the server.
window.addEventListener("pageshow", ({ persisted }) => {
  if (persisted) location.reload();
});

// Pages without TLS have no service worker, and need none.
void navigator.serviceWorker?.register("/service-worker.js").catch((error: unknown) => {
  console.warn("the app cannot be kept for later:", error);
});

void main();
