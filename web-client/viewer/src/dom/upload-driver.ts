// Carries uploads to the API, in requests that tell how far they are.

import { httpFailure, type Failure } from "../core/failure.js";
import { decodeUploadState, fileAddress, type FilesAccess } from "../core/files.js";
import { phrase } from "../core/texts.js";
import { Uploads, type Upload, type UploadEffect, type UploadEvent } from "../core/uploads.js";

/** A request that does not move for so long is broken off. */
const STALL_MS = 30_000;

export interface FileToUpload {
  /** From the folder that it goes into. */
  path: string;
  file: File;
}

export class UploadDriver {
  readonly uploads = new Uploads(randomId);
  readonly #access: () => FilesAccess | null;
  readonly #changed: () => void;
  readonly #files = new Map<number, File>();
  readonly #requests = new Map<number, XMLHttpRequest>();
  readonly #timers = new Map<number, number>();

  constructor(access: () => FilesAccess | null, changed: () => void) {
    this.#access = access;
    this.#changed = changed;
  }

  add(files: readonly FileToUpload[]): void {
    const policy = this.#access()?.policy;
    if (!policy) return;
    for (const { path, file } of files) {
      this.#files.set(this.uploads.add(path, file.size, policy), file);
    }
    this.#perform(this.uploads.start());
  }

  cancel(key: number): void {
    this.#perform(this.uploads.cancel(key));
  }

  retry(key: number): void {
    this.#perform(this.uploads.retry(key));
  }

  clear(): void {
    this.#perform(this.uploads.clear());
  }

  /** The element has left the page: what was on its way is given up. */
  close(): void {
    for (const { key } of this.uploads.all) this.#perform(this.uploads.cancel(key));
  }

  #handle(event: UploadEvent): void {
    this.#perform(this.uploads.handle(event));
  }

  #perform(effects: UploadEffect[]): void {
    for (const effect of effects) this.#performOne(effect);
    this.#changed();
  }

  #performOne(effect: UploadEffect): void {
    switch (effect.type) {
      case "ask":
        return this.#request("GET", effect.upload);
      case "send":
        return this.#request("PUT", effect.upload, [effect.offset, effect.end]);
      case "discard":
        return this.#discard(effect.upload);
      case "timer":
        return this.#startTimer(effect.key, effect.ms);
      case "release":
        return this.#release(effect.key);
    }
  }

  #startTimer(key: number, ms: number): void {
    const run = () => this.#handle({ type: "timer", key });
    this.#timers.set(key, window.setTimeout(run, ms));
  }

  #release(key: number): void {
    clearTimeout(this.#timers.get(key));
    this.#requests.get(key)?.abort();
    this.#timers.delete(key);
    this.#requests.delete(key);
    this.#files.delete(key);
  }

  /** Without an answer the session's side forgets it by itself, a day later. */
  #discard(upload: Upload): void {
    const address = this.#address(upload);
    if (address === null) return;
    void fetch(address, { method: "DELETE", credentials: "same-origin" }).catch(() => null);
  }

  #address({ path, id }: Upload): string | null {
    const access = this.#access();
    return access && `${fileAddress(access, path)}?upload=${id}`;
  }

  /** `fetch` does not tell how much of a body has left. */
  #request(method: "GET" | "PUT", upload: Upload, range?: [number, number]): void {
    const { key } = upload;
    const address = this.#address(upload);
    if (address === null) return this.#handle({ type: "failed", key, failure: unreachable() });
    const request = new XMLHttpRequest();
    this.#requests.set(key, request);
    request.open(method, address);
    request.responseType = "json";
    request.timeout = 0;
    let stall = window.setTimeout(() => request.abort(), STALL_MS);
    const moved = () => {
      clearTimeout(stall);
      stall = window.setTimeout(() => request.abort(), STALL_MS);
    };
    request.upload.onprogress = ({ loaded }) => {
      moved();
      this.#handle({ type: "progress", key, sent: loaded, timeMs: performance.now() });
    };
    request.onloadend = () => {
      clearTimeout(stall);
      // One that was replaced or cancelled has nothing more to say.
      if (this.#requests.get(key) === request) this.#answered(key, request);
    };
    if (!range) return request.send();
    const [offset, end] = range;
    if (end > offset) {
      const value = `bytes ${offset}-${end - 1}/${upload.bytes}`;
      request.setRequestHeader("content-range", value);
    }
    request.setRequestHeader("content-type", "application/octet-stream");
    request.send(this.#files.get(key)?.slice(offset, end) ?? null);
  }

  #answered(key: number, request: XMLHttpRequest): void {
    this.#requests.delete(key);
    if (request.status < 200 || request.status > 299) {
      const failure =
        request.status === 0 ? unreachable() : httpFailure(request.status, request.response);
      return this.#handle({ type: "failed", key, failure: forUploads(failure) });
    }
    try {
      this.#handle({ type: "kept", key, ...decodeUploadState(request.response) });
    } catch (error) {
      const reason = phrase("unreadable", { error: String(error) });
      this.#handle({ type: "failed", key, failure: { reason, retry: false } });
    }
  }
}

function unreachable(): Failure {
  return { reason: phrase("unreachable"), retry: true };
}

/** A full disk is a server's error, and trying again by itself does not empty it. */
function forUploads(failure: Failure): Failure {
  const forGood = failure.code === "storage-full" || failure.code === "storage-failed";
  return forGood ? { ...failure, retry: false } : failure;
}

function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
