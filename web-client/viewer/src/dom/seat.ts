// What tells a guest's browser apart from others that have the same link.

const KEY = "streamspace-seat";

let ofThisPage: string | null = null;

/** The same one each time, as long as the browser keeps it. */
export function seat(): string {
  ofThisPage ??= kept() ?? made();
  return ofThisPage;
}

/** Pages that may not store anything have a seat for as long as they are open. */
function kept(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function made(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  const text = btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, "-")
    .replace(/\//g, "_");
  try {
    localStorage.setItem(KEY, text);
  } catch {
    // As above.
  }
  return text;
}
