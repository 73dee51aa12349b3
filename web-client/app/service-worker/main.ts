// Keeps the app's shell for the time when the server cannot be reached.
//
// The network comes first: a new build shows at once, and what has not changed costs the server's 304.

import { isShellAnswer, shellFile } from "../src/shell.js";

declare const self: ServiceWorkerGlobalScope;

/** Written by the build: the shell's files, and a name that changes with any of them. */
declare const SHELL_FILES: readonly string[];
declare const SHELL_NAME: string;

self.addEventListener("install", (event) => {
  event.waitUntil(install());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(activate());
});

self.addEventListener("fetch", (event) => {
  const file = shellFile(event.request, self.location.origin, SHELL_FILES);
  if (file !== null) event.respondWith(answer(event.request, file));
});

async function install(): Promise<void> {
  const cache = await caches.open(SHELL_NAME);
  await cache.addAll(SHELL_FILES);
  await self.skipWaiting();
}

async function activate(): Promise<void> {
  const others = (await caches.keys()).filter((name) => name !== SHELL_NAME);
  await Promise.all(others.map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function answer(request: Request, file: string): Promise<Response> {
  const cache = await caches.open(SHELL_NAME);
  try {
    const response = await fetch(request);
    if (isShellAnswer(response)) await cache.put(file, response.clone());
    return response;
  } catch (error) {
    const kept = await cache.match(file);
    if (kept) return kept;
    throw error;
  }
}
