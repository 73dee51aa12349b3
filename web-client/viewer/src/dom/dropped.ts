// What was dropped or chosen: files, and folders with all that is in them.

import type { FileToUpload } from "./upload-driver.js";

/** More than a person drops on purpose. */
export const MOST_FILES = 10_000;

export function hasFiles(transfer: DataTransfer | null): boolean {
  return transfer?.types.includes("Files") ?? false;
}

/** To be called while the drop is handled: afterwards the browser tells nothing of it. */
export function droppedFiles(transfer: DataTransfer): Promise<FileToUpload[]> {
  const items = [...transfer.items].filter(({ kind }) => kind === "file");
  const entries = items.map((item) => item.webkitGetAsEntry());
  const plain = items.map((item) => item.getAsFile());
  return collect(entries, plain);
}

/** Of a file field; those of a folder name the way from it on. */
export function chosenFiles(list: FileList): FileToUpload[] {
  const files = [...list].slice(0, MOST_FILES + 1);
  return files.map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}

async function collect(
  entries: (FileSystemEntry | null)[],
  plain: (File | null)[],
): Promise<FileToUpload[]> {
  const found: FileToUpload[] = [];
  for (const [index, entry] of entries.entries()) {
    const file = plain[index];
    if (entry) await walk(entry, "", found);
    else if (file) found.push({ path: file.name, file });
  }
  return found;
}

async function walk(entry: FileSystemEntry, folder: string, found: FileToUpload[]): Promise<void> {
  if (found.length > MOST_FILES) return;
  const path = folder + entry.name;
  if (entry.isFile) {
    const file = await fileOf(entry as FileSystemFileEntry);
    if (file) found.push({ path, file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // Browsers give a folder's entries in portions.
  for (let batch = await read(reader); batch.length > 0; batch = await read(reader)) {
    for (const inner of batch) await walk(inner, `${path}/`, found);
  }
}

/** What cannot be read is left out. */
function fileOf(entry: FileSystemFileEntry): Promise<File | null> {
  return new Promise((done) => entry.file(done, () => done(null)));
}

function read(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  return new Promise((done) => reader.readEntries(done, () => done([])));
}
