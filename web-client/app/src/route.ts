// Which page an address means.

export type Route =
  | { page: "catalog" }
  | { page: "account" }
  | { page: "session"; id: string }
  | { page: "unknown"; path: string };

export const ACCOUNT_PATH = "/account";

export function routeOf(path: string): Route {
  if (path === "/") return { page: "catalog" };
  if (path === ACCOUNT_PATH) return { page: "account" };
  const id = /^\/session\/([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)\/?$/.exec(path)?.[1];
  return id === undefined ? { page: "unknown", path } : { page: "session", id };
}

export function sessionPath(id: string): string {
  return `/session/${id}`;
}

/** Which of a session's displays a page shows, by the part of its address after the `?`. */
export function displayOf(search: string): "first" | "second" {
  return new URLSearchParams(search).get("display") === "second" ? "second" : "first";
}

/** Tells a viewer which display it shows, and where there is a page for the second one. */
export function showDisplay(viewer: Element, { search, pathname, hash }: Location): void {
  const display = displayOf(search);
  viewer.setAttribute("display", display);
  if (display === "first") {
    viewer.setAttribute("second-display-src", `${pathname}?display=second${hash}`);
  }
}

/** The secret of a share link. It stays in the address, so that the page can be opened again. */
export function shareSecret(hash: string): string | null {
  return new URLSearchParams(hash.replace(/^#/, "")).get("share");
}

/** Why the identity provider has signed nobody in: a code of the API. */
export function signInProblem(hash: string): string | null {
  return new URLSearchParams(hash.replace(/^#/, "")).get("signin-problem");
}

/** The one-time token of an address that `streamspace up` printed. */
export function signInToken(hash: string): string | null {
  return new URLSearchParams(hash.replace(/^#/, "")).get("signin");
}
