// A session of a template of the test's own, with a home of its own, seen in a browser.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { untilPicture, untilState } from "./browser.mjs";
import { environmentOf } from "./machine.mjs";
import { until } from "./wait.mjs";

/** Writes a template, of a terminal if nothing else is said, with this policy into a folder. */
export function writeTemplate(folder, name, policy = {}, command = ["xterm"]) {
  const template = {
    apiVersion: "stream.space/v1alpha1",
    kind: "Template",
    metadata: { name },
    spec: { displayName: name, command, policy },
  };
  // JSON is YAML.
  return writeFile(join(folder, `${name}.yaml`), JSON.stringify(template));
}

/** A request to the server's API by its own key. */
export function callApi(server, path, { headers, ...options } = {}) {
  const authorization = `Bearer ${server.key.apiKey}`;
  return fetch(`${server.origin}/api/v1${path}`, { ...options, headers: { authorization, ...headers } });
}

/** Starts the template: `{ id, home, status }`, once its program runs. */
export async function startTemplate(server, template) {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ template });
  const answer = await callApi(server, "/sessions", { method: "POST", headers, body });
  if (!answer.ok) throw new Error(await answer.text());
  const id = (await answer.json()).metadata.name;
  const status = await until("the session to run", async () => {
    const { status } = await (await callApi(server, `/sessions/${id}`)).json();
    return status.phase === "Running" && status.processes?.program && status;
  });
  // A process that has just been made shows its parent's environment for a moment.
  const home = await until("the program's home", async () => {
    const { HOME } = await environmentOf(status);
    return HOME?.includes(id) && HOME;
  });
  return { id, home, status, files: `/sessions/${id}/files` };
}

/** Starts the template and shows it; `path` is `vnc` for that way to it. */
export async function openTemplate(t, { server, browser }, template, { path, ...settings } = {}) {
  const desk = await startTemplate(server, template);
  const page = await browser.open(await server.link(`/session/${desk.id}`), settings);
  t.after(() => page.context().close());
  await untilPicture(page);
  if (path === "vnc") {
    await page.evaluate(() => document.querySelector("streamspace-viewer").setAttribute("path", "vnc"));
    await untilState(page, "vnc");
  }
  return { ...desk, page };
}
