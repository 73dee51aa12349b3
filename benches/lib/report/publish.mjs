// Writes the results: docs/benchmarks.json, the tables within docs/benchmarks.md, the plots.

import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { tables } from "./tables.mjs";
import { plots } from "./plots.mjs";

const docs = (name) => fileURLToPath(new URL(`../../../docs/${name}`, import.meta.url));
const BEGIN = "<!-- begin of what ./dev bench writes -->";
const END = "<!-- end of what ./dev bench writes -->";

/** `results` by part; parts that were not measured keep what was measured before. */
export async function publish(results, machine, { dry }) {
  const all = dry ? {} : await readFile(docs("benchmarks.json"), "utf8").then(JSON.parse, () => ({}));
  for (const [part, values] of Object.entries(results)) all[part] = { machine, results: values };
  const text = tables(all);
  console.log(text);
  if (dry) return;
  await writeFile(docs("benchmarks.json"), `${JSON.stringify(all, null, 1)}\n`);
  for (const [name, svg] of Object.entries(plots(all))) await writeFile(docs(name), svg);
  await writeFile(docs("benchmarks.md"), between(await readFile(docs("benchmarks.md"), "utf8"), text));
}

function between(document, text) {
  const [head, rest] = document.split(BEGIN);
  const tail = rest?.split(END)[1];
  if (tail === undefined) throw new Error(`docs/benchmarks.md has lost its markers (${BEGIN})`);
  return `${head}${BEGIN}\n\n${text}\n\n${END}${tail}`;
}
