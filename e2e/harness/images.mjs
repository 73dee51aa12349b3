// The images of a cluster's Pods, made of what is installed and built here.

import { execFile } from "node:child_process";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { built, temporaryFolder } from "./server.mjs";

const images = resolve(dirname(fileURLToPath(import.meta.url)), "../../images");

/** Gives the node the image that this folder of `images/` describes, and its name. */
export async function image(t, cluster, name) {
  const folder = await temporaryFolder(t);
  await promisify(execFile)(join(images, "collect"), [join(images, name, "files"), folder, dirname(built("x"))]);
  const tag = `localhost/streamspace-${name}:test`;
  await cluster.import(folder, tag);
  return tag;
}
