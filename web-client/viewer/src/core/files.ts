// A session's files as the API tells of them.

import type { FilePolicy, Folder, FolderEntry, Join, UploadState } from "./protocol.js";
import { Fields } from "./shape.js";

/** What a viewer may do with files, and where. */
export interface FilesAccess {
  /** The address of the session's home. */
  address: string;
  policy: FilePolicy;
}

/** `null`: nothing, so nothing is shown. */
export function filesAccess({ role, filesPath, policy }: Join): FilesAccess | null {
  const { upload, download } = policy.files;
  if (role === "view" || (!upload && !download)) return null;
  return { address: filesPath, policy: policy.files };
}

/** The address of a file or folder of the home; `path` is names between slashes. */
export function fileAddress({ address }: FilesAccess, path: string): string {
  const names = path.split("/").filter((name) => name !== "");
  return [address, ...names.map(encodeURIComponent)].join("/");
}

export function joinPath(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Every folder on the way to one, the home first. */
export function foldersTo(path: string): { name: string; path: string }[] {
  const names = path.split("/").filter((name) => name !== "");
  return names.map((name, index) => ({ name, path: names.slice(0, index + 1).join("/") }));
}

/** What is shown: programs keep to themselves what begins with a dot. */
export function visible({ entries }: Folder): FolderEntry[] {
  return entries.filter(({ name }) => !name.startsWith("."));
}

/**
 * Where files go that are dropped onto the desktop: into sight, on desktops that show a folder, and
 * otherwise where a browser of the session would put them.
 */
export function dropFolder({ entries }: Folder): string {
  const has = (wanted: string) =>
    entries.some(({ kind, name }) => kind === "folder" && name === wanted);
  return has("Desktop") ? "Desktop" : "Downloads";
}

/** @throws MalformedMessage */
export function decodeFolder(value: unknown): Folder {
  const fields = new Fields(value);
  return {
    leftOut: fields.u32("leftOut"),
    entries: fields.list("entries").map(decodeEntry),
  };
}

function decodeEntry(value: unknown): FolderEntry {
  const fields = new Fields(value);
  return {
    name: fields.string("name"),
    kind: fields.oneOf("kind", ["file", "folder"]),
    bytes: fields.count("bytes"),
    modifiedUnixMs: fields.number("modifiedUnixMs"),
  };
}

/** @throws MalformedMessage */
export function decodeUploadState(value: unknown): UploadState {
  const fields = new Fields(value);
  const path = fields.optional("path", (name) => fields.string(name));
  return { offset: fields.count("offset"), ...(path === undefined ? {} : { path }) };
}
