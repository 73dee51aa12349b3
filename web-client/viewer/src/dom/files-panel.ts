// The session's files: browsed, taken along, and brought in, by the panel or dropped onto the desktop.

import { dropFolder, fileAddress, joinPath, parentOf, type FilesAccess } from "../core/files.js";
import type { Language, Saying } from "../core/language.js";
import { phrase } from "../core/texts.js";
import type { Notice } from "./desktop.js";
import { MOST_FILES, chosenFiles, droppedFiles, hasFiles } from "./dropped.js";
import { FolderView, readFolder } from "./folder-view.js";
import { element } from "./html.js";
import { UploadDriver, type FileToUpload } from "./upload-driver.js";
import { UploadsView } from "./uploads-view.js";

export interface FilesPanelEvents {
  notice(notice: Notice): void;
  /** Opened or closed. */
  changed(): void;
  /** Escape was pressed in the panel, which has closed. */
  left(): void;
}

export class FilesPanel {
  readonly view = element("div", {
    className: "files",
    hidden: true,
    role: "region",
    tabIndex: -1,
  });
  /** Lies over the desktop while files are held above it. */
  readonly dropHint = element("div", { className: "drop-hint", hidden: true });
  readonly #events: FilesPanelEvents;
  readonly #driver = new UploadDriver(
    () => this.#access,
    () => this.#uploadsChanged(),
  );
  readonly #folder: FolderView;
  readonly #uploads: UploadsView;
  readonly #actions = element("div", { className: "file-actions" });
  #access: FilesAccess | null = null;
  /** Why there are no files for this person, where others have them. */
  #refusal: Saying | null = null;
  #language: Language;
  #done = 0;

  constructor(language: Language, events: FilesPanelEvents) {
    this.#language = language;
    this.#events = events;
    this.#folder = new FolderView(language, () => this.#access);
    this.#uploads = new UploadsView(language, () => this.#driver);
    this.view.part.add("files");
    this.view.append(this.#actions, this.#folder.view, this.#uploads.view);
    this.#listen(this.view, async (files) => this.#upload(this.#folder.path, await files));
    this.view.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.close();
      events.left();
    });
    this.speak(language);
  }

  /** `null`: there is nothing to show. */
  get isOpen(): boolean | null {
    if (this.#refusal !== null) return false;
    return this.#access && !this.view.hidden;
  }

  speak(language: Language): void {
    this.#language = language;
    this.view.ariaLabel = language.say(phrase("files"));
    this.dropHint.textContent = language.say(phrase("dropFiles"));
    this.#folder.speak(language);
    this.#uploads.speak(language);
    this.#showActions();
  }

  /** A connection has been made, which may allow something else than the last one. */
  allow(access: FilesAccess | null): void {
    this.#access = access;
    this.#refusal = null;
    if (!access) this.close();
    this.#showActions();
    this.#events.changed();
  }

  /** As `allow` with nothing, and says why when it is asked for. */
  refuse(why: Saying): void {
    this.allow(null);
    this.#refusal = why;
    this.#events.changed();
  }

  toggle(): void {
    if (this.#refusal !== null) return this.#events.notice({ text: this.#refusal });
    if (this.isOpen) return this.close();
    this.#open();
    this.view.focus();
  }

  close(): void {
    this.view.hidden = true;
  }

  /** The page lets go of the viewer. */
  discard(): void {
    this.#driver.close();
  }

  /** Takes what is dropped onto the desktop. */
  takeDropsOn(desktop: HTMLElement): void {
    this.#listen(desktop, (files) => this.#droppedOnDesktop(files));
  }

  #listen(target: HTMLElement, take: (files: Promise<FileToUpload[]>) => Promise<void>): void {
    target.addEventListener("dragover", (event) => this.#dragged(event));
    target.addEventListener("dragleave", () => (this.dropHint.hidden = true));
    target.addEventListener("drop", (event) => {
      this.dropHint.hidden = true;
      if (!event.dataTransfer || !this.#mayUpload(event)) return;
      void take(droppedFiles(event.dataTransfer));
    });
  }

  #open(): void {
    this.view.hidden = false;
    void this.#folder.look();
    this.#events.changed();
  }

  #dragged(event: DragEvent): void {
    if (!event.dataTransfer || !this.#mayUpload(event)) return;
    event.dataTransfer.dropEffect = "copy";
    this.dropHint.hidden = false;
  }

  /** Without this the browser would leave the page and show the file. */
  #mayUpload(event: DragEvent): boolean {
    if (!hasFiles(event.dataTransfer)) return false;
    event.preventDefault();
    return this.#access?.policy.upload ?? false;
  }

  async #droppedOnDesktop(files: Promise<FileToUpload[]>): Promise<void> {
    const access = this.#access;
    if (!access) return;
    const home = await readFolder(access, "");
    if ("failure" in home) {
      return this.#events.notice({ text: phrase("folderFailed", { reason: home.failure }) });
    }
    this.#upload(dropFolder(home.folder), await files);
    this.#open();
  }

  #upload(folder: string, files: FileToUpload[]): void {
    if (files.length > MOST_FILES) {
      this.#events.notice({ text: phrase("tooManyFiles", { count: MOST_FILES }) });
    }
    const named = files.slice(0, MOST_FILES).map(({ path, file }) => ({
      path: joinPath(folder, path),
      file,
    }));
    this.#driver.add(named);
  }

  #uploadsChanged(): void {
    this.#uploads.update();
    const done = this.#driver.uploads.all.filter(({ phase }) => phase.name === "done");
    const isNew = done.length > this.#done;
    this.#done = done.length;
    if (!isNew || !this.isOpen) return;
    const here = done.some(({ path }) => parentOf(path).startsWith(this.#folder.path));
    if (here) void this.#folder.look();
  }

  #showActions(): void {
    const { upload = false, download = false } = this.#access?.policy ?? {};
    this.#actions.replaceChildren(
      ...(upload ? [this.#chooser("uploadFiles"), this.#chooser("uploadFolder")] : []),
      ...(download ? [this.#zipButton()] : []),
      this.#button("lookAgain", () => void this.#folder.look()),
    );
  }

  #chooser(text: "uploadFiles" | "uploadFolder"): HTMLElement {
    const field = element("input", { type: "file", multiple: true, hidden: true });
    field.webkitdirectory = text === "uploadFolder";
    field.onchange = () => {
      if (field.files) this.#upload(this.#folder.path, chosenFiles(field.files));
      field.value = "";
    };
    const button = this.#button(text, () => field.click());
    button.append(field);
    return button;
  }

  #zipButton(): HTMLElement {
    return this.#button("downloadZip", () => {
      if (!this.#access) return;
      const href = `${fileAddress(this.#access, this.#folder.path)}?as=zip`;
      element("a", { href, download: "" }).click();
    });
  }

  #button(text: "uploadFiles" | "uploadFolder" | "downloadZip" | "lookAgain", onclick: () => void) {
    const label = this.#language.say(phrase(text));
    return element("button", { type: "button", className: "action", onclick }, label);
  }
}
