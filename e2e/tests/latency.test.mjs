// Where the time of a frame goes, as the viewer's overlay shows it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, pictureKind, useDecoder } from "../harness/browser.mjs";
import { Server } from "../harness/server.mjs";
import { until } from "../harness/wait.mjs";

const STAGES = [
  "damage",
  "grab",
  "convert",
  "encode",
  "queue",
  "network",
  "jitterBuffer",
  "decode",
  "present",
  "total",
];

let server, browser;
before(async () => {
  server = await Server.start();
  browser = await Browser.launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** The table of the overlay: a row for each stage, in milliseconds. */
function overlay(page) {
  return page.evaluate(() => {
    const root = document.querySelector("streamspace-viewer").shadowRoot;
    return [...root.querySelectorAll("table.latency tbody tr")].map((row) => {
      const [p50, p95, p99] = [...row.querySelectorAll("td")].map((cell) => Number(cell.textContent));
      return { stage: row.dataset.stage, p50, p95, p99 };
    });
  });
}

for (const [decoder, kind] of [["webcodecs", "canvas"], ["video", "video"]]) {
  test(`with the decoder ${decoder} the overlay tiles the way of the frames`, async () => {
    const session = await server.session(["xterm", "-e", "while :; do date; sleep 0.1; done"]);
    const page = await browser.open(session.address);
    await useDecoder(page, decoder);
    assert.equal(await pictureKind(page), kind);
    await page.evaluate(() =>
      document
        .querySelector("streamspace-viewer")
        .shadowRoot.querySelector(".toolbar [aria-label=Statistics]")
        .click(),
    );
    const rows = await until("a table of the stages", async () => {
      const rows = await overlay(page);
      return rows.length > 0 && rows;
    });
    assert.deepEqual(rows.map(({ stage }) => stage), STAGES);
    for (const { stage, p50, p95, p99 } of rows) {
      assert.ok(0 <= p50 && p50 <= p95 && p95 <= p99, `${stage}: ${p50}, ${p95}, ${p99}`);
    }
    assertTiles(rows);
    await page.context().close();
  });
}

/** What holds of percentiles whenever the stages add up to the total. */
function assertTiles(rows) {
  const total = rows.at(-1);
  const stages = rows.slice(0, -1);
  // No more than 9 in 100 frames have a stage above its p99.
  const sum = stages.reduce((sum, { p99 }) => sum + p99, 0);
  const rounding = 0.5;
  assert.ok(total.p50 <= sum + rounding, `${total.p50} > ${sum}`);
  for (const { stage, p50, p95, p99 } of stages) {
    const isPart = p50 <= total.p50 && p95 <= total.p95 && p99 <= total.p99;
    assert.ok(isPart, `${stage} is longer than the whole way`);
  }
}
