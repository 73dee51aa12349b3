// Draws the app's icons from their SVG files: `npm run icons`.

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const folder = fileURLToPath(new URL("../../web-client/app/public", import.meta.url));
const ICONS = [
  ["favicon.svg", "icons/192.png", 192],
  ["favicon.svg", "icons/512.png", 512],
  ["icons/maskable.svg", "icons/maskable-512.png", 512],
];

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
for (const [source, target, size] of ICONS) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  const svg = await readFile(`${folder}/${source}`, "utf8");
  await page.setContent(`<style>html, body { margin: 0 } svg { display: block }</style>${svg}`);
  await page.screenshot({ path: `${folder}/${target}`, omitBackground: true });
  await page.close();
}
await browser.close();
