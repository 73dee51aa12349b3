// Which page an address means.

export type Route =
  { page: "catalog" } | { page: "session"; id: string } | { page: "unknown"; path: string };

export function routeOf(path: string): Route {
  if (path === "/") return { page: "catalog" };
  const id = /^\/session\/([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)\/?$/.exec(path)?.[1];
  return id === undefined ? { page: "unknown", path } : { page: "session", id };
}

export function sessionPath(id: string): string {
  return `/session/${id}`;
}

/** The secret of a share link. It stays in the address, so that the page can be opened again. */
export function shareSecret(hash: string): string | null {
  return new URLSearchParams(hash.replace(/^#/, "")).get("share");
}

/** The one-time token of an address that `streamspace up` printed. */
export function signInToken(hash: string): string | null {
  return new URLSearchParams(hash.replace(/^#/, "")).get("signin");
}
