// What stands in the way of people who use a screen reader or the keyboard alone.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const source = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Every fault that axe-core finds on the page, shadow roots included, as lines to read. */
export async function faults(page) {
  await page.evaluate(source);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document));
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.flat().join(" ")}: ${failureSummary}`),
  );
}

export async function assertNoFaults(page, where) {
  assert.deepEqual(await faults(page), [], where);
}

/** Where the focus is: the names of the elements from the page down through its shadow roots. */
export function focused(page) {
  return page.evaluate(() => {
    const names = [];
    for (let at = document.activeElement; at; at = at.shadowRoot?.activeElement) {
      names.push(at.ariaLabel || at.textContent?.trim().slice(0, 40) || at.id || at.localName);
    }
    return names.at(-1);
  });
}
