// The browser's own clipboard, as far as it lets a page have it.

import { KINDS, type ClipboardContent } from "../core/clipboard.js";
import type { ClipboardKind } from "../core/protocol.js";

const TYPES: Readonly<Record<ClipboardKind, string>> = {
  text: "text/plain",
  html: "text/html",
  png: "image/png",
};

export function textContent(text: string): ClipboardContent {
  return text === "" ? {} : { text: new TextEncoder().encode(text) };
}

export function textOf({ text }: ClipboardContent): string {
  return text ? new TextDecoder().decode(text) : "";
}

/** What a paste brings. To be called while the event is handled. */
export function pastedContent(transfer: DataTransfer | null): Promise<ClipboardContent> {
  const content = textContent(transfer?.getData("text/plain") ?? "");
  const html = transfer?.getData("text/html") ?? "";
  if (html !== "") content.html = new TextEncoder().encode(html);
  const file = [...(transfer?.files ?? [])].find(({ type }) => type === TYPES.png);
  if (!file) return Promise.resolve(content);
  return file.arrayBuffer().then((bytes) => ({ ...content, png: new Uint8Array(bytes) }));
}

/**
 * What the browser holds, without a picture: browsers encode those anew, so that nobody can tell whether
 * it is the one that came from the desktop.
 *
 * Never asks for the permission: a prompt at every focus is worse than Ctrl+V.
 */
export async function readIfPermitted(): Promise<ClipboardContent | null> {
  try {
    const name = "clipboard-read" as PermissionName;
    const { state } = await navigator.permissions.query({ name });
    if (state !== "granted") return null;
    const [item] = await navigator.clipboard.read();
    const content: ClipboardContent = {};
    for (const kind of ["text", "html"] as const) {
      if (!item?.types.includes(TYPES[kind])) continue;
      const blob = await item.getType(TYPES[kind]);
      content[kind] = new Uint8Array(await blob.arrayBuffer());
    }
    return content;
  } catch {
    // This browser knows no such permission, or has no focus; the paste event remains.
    return null;
  }
}

/** @throws where the browser wants a gesture, or a page with TLS. */
export async function write(content: ClipboardContent): Promise<void> {
  if (!content.html && !content.png) return navigator.clipboard.writeText(textOf(content));
  const blobs = KINDS.flatMap((kind) => {
    const bytes = content[kind] as Uint8Array<ArrayBuffer> | undefined;
    return bytes ? [[TYPES[kind], new Blob([bytes], { type: TYPES[kind] })] as const] : [];
  });
  await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(blobs))]);
}

/** For a click: pages without TLS have no `navigator.clipboard`, and text can be copied still. */
export async function writeOnGesture(content: ClipboardContent): Promise<void> {
  if (navigator.clipboard) return write(content);
  const field = document.createElement("textarea");
  field.value = textOf(content);
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}
