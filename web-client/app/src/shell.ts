// Which requests the app's shell answers when the server does not. Never the API: what a person has
// and may see is the server's to say, each time anew.

/** What is read of a `Request`. */
export interface ShellRequest {
  method: string;
  mode: string;
  url: string;
}

/** The page itself, under every address that shows it. */
const PAGE = "/";

/** The file of the shell that a request is for; `null` for everything else. */
export function shellFile(
  { method, mode, url }: ShellRequest,
  origin: string,
  files: readonly string[],
): string | null {
  const address = new URL(url);
  if (method !== "GET" || address.origin !== origin || address.search !== "") return null;
  const path = mode === "navigate" && isPage(address.pathname) ? PAGE : address.pathname;
  return files.includes(path) ? path : null;
}

function isPage(path: string): boolean {
  return path === PAGE || /^\/(account|session\/[^/]+\/?)$/.test(path);
}

/** What is read of a `Response`. */
export interface ShellResponse {
  ok: boolean;
  type: string;
  redirected: boolean;
}

/** Whether an answer is the file, and not the page of a proxy that wants a sign-in first. */
export function isShellAnswer({ ok, type, redirected }: ShellResponse): boolean {
  return ok && type === "basic" && !redirected;
}
