// One folder of the session's home: the way to it, what is in it, and how to take it along.

import { httpFailure } from "../core/failure.js";
import {
  decodeFolder,
  fileAddress,
  foldersTo,
  joinPath,
  visible,
  type FilesAccess,
} from "../core/files.js";
import type { Language, Saying } from "../core/language.js";
import type { Folder, FolderEntry } from "../core/protocol.js";
import { phrase } from "../core/texts.js";
import { element } from "./html.js";

export class FolderView {
  readonly view = element("div", { className: "folder" });
  readonly #access: () => FilesAccess | null;
  #language: Language;
  #path = "";
  #folder: Folder | null = null;
  #failure: Saying | null = null;
  #asked = 0;

  constructor(language: Language, access: () => FilesAccess | null) {
    this.#language = language;
    this.#access = access;
  }

  get path(): string {
    return this.#path;
  }

  speak(language: Language): void {
    this.#language = language;
    this.#show();
  }

  /** Looks into the folder again, or into another one. */
  async look(path = this.#path): Promise<void> {
    const access = this.#access();
    if (!access) return;
    const asked = ++this.#asked;
    const result = await readFolder(access, path);
    // A later look may have been quicker.
    if (asked !== this.#asked) return;
    const hadFocus = this.view.matches(":focus-within") && path !== this.#path;
    this.#path = path;
    this.#folder = "folder" in result ? result.folder : null;
    this.#failure = "failure" in result ? result.failure : null;
    this.#show();
    if (hadFocus) this.view.querySelector<HTMLElement>("[aria-current]")?.focus();
  }

  #show(): void {
    const access = this.#access();
    this.view.replaceChildren(this.#way());
    if (this.#failure !== null) {
      const reason = phrase("folderFailed", { reason: this.#failure });
      this.view.append(element("p", { role: "alert" }, this.#language.say(reason)));
    }
    if (!access || !this.#folder) return;
    const entries = visible(this.#folder).map((entry) => this.#entry(access, entry));
    this.view.append(
      entries.length > 0
        ? element("ul", { className: "entries" }, ...entries)
        : element("p", { className: "quiet" }, this.#language.say(phrase("folderEmpty"))),
    );
    const { leftOut } = this.#folder;
    if (leftOut > 0) {
      const text = this.#language.say(phrase("entriesLeftOut", { count: leftOut }));
      this.view.append(element("p", { className: "quiet" }, text));
    }
  }

  #way(): HTMLElement {
    const home = { name: this.#language.say(phrase("homeFolder")), path: "" };
    const steps = [home, ...foldersTo(this.#path)].map(({ name, path }) => {
      const step = element("button", { type: "button", onclick: () => void this.look(path) }, name);
      if (path === this.#path) step.setAttribute("aria-current", "true");
      return element("li", {}, step);
    });
    const ariaLabel = this.#language.say(phrase("folderPath"));
    return element("nav", { ariaLabel }, element("ol", { className: "way" }, ...steps));
  }

  #entry(access: FilesAccess, { name, kind, bytes }: FolderEntry): HTMLElement {
    const path = joinPath(this.#path, name);
    if (kind === "folder") {
      const open = () => void this.look(path);
      return element("li", {}, element("button", { type: "button", onclick: open }, `${name}/`));
    }
    const size = element("span", { className: "quiet" }, this.#language.bytes(bytes));
    if (!access.policy.download) return element("li", {}, element("span", {}, name), size);
    // The browser's own downloads show how far they are, and go on after a cut.
    const link = element("a", { href: fileAddress(access, path), download: name }, name);
    return element("li", {}, link, size);
  }
}

export async function readFolder(
  access: FilesAccess,
  path: string,
): Promise<{ folder: Folder } | { failure: Saying }> {
  try {
    const response = await fetch(fileAddress(access, path), { credentials: "same-origin" });
    const body: unknown = await response.json().catch(() => null);
    if (!response.ok) return { failure: httpFailure(response.status, body).reason };
    return { folder: decodeFolder(body) };
  } catch {
    return { failure: phrase("unreachable") };
  }
}
