// Measures StreamSpace and its peers side by side, in one run on one machine; docs/benchmarks.md says
// how. `./dev bench --help` lists the options.

import { launchBrowser } from "./lib/browser.mjs";
import { measureApi } from "./lib/measure/api.mjs";
import { measureCluster } from "./lib/measure/cluster.mjs";
import { entriesOf, measureDesktops } from "./lib/measure/desktop.mjs";
import { measureEncoders } from "./lib/measure/encoders.mjs";
import { measureGateway } from "./lib/measure/gateway.mjs";
import { measureLinks } from "./lib/measure/link.mjs";
import { measureMicro } from "./lib/measure/micro.mjs";
import { measureScale } from "./lib/measure/scale.mjs";
import { measureSync } from "./lib/measure/sync.mjs";
import { measureTransfers } from "./lib/measure/transfers.mjs";
import { parseOptions, USAGE, UsageError } from "./lib/options.mjs";
import { stopAll } from "./lib/programs.mjs";
import { describeMachine } from "./lib/machine.mjs";
import { publish } from "./lib/report/publish.mjs";

const log = (line) => console.error(line);

async function withBrowser(work) {
  const browser = await launchBrowser();
  try {
    return await work(browser);
  } finally {
    await browser.close();
  }
}

/** Measures what is wanted; gives the results by part. */
async function measure({ parts, peers, linkPeers, sizes, effort }) {
  const results = {};
  const both = ["latency", "load"].filter((part) => parts.has(part));
  if (both.length > 0) {
    const entries = await withBrowser((browser) =>
      measureDesktops(browser, peers, sizes, new Set(both), effort, log),
    );
    for (const part of both) results[part] = entriesOf(part, entries);
  }
  if (parts.has("link")) results.link = await measureLinks(linkPeers, effort, log);
  if (parts.has("scale")) results.scale = await measureScale(launchBrowser, effort, log);
  if (parts.has("sync")) results.sync = await measureSync(launchBrowser, effort, log);
  if (parts.has("transfers")) results.transfers = await measureTransfers(launchBrowser, effort, log);
  if (parts.has("encoders")) results.encoders = await measureEncoders(launchBrowser, effort, log);
  if (parts.has("api")) results.api = await measureApi(effort, log);
  if (parts.has("gateway")) results.gateway = await measureGateway(effort, log);
  if (parts.has("cluster")) results.cluster = await measureCluster(effort, log);
  if (parts.has("micro")) results.micro = await measureMicro(log);
  return results;
}

async function main() {
  const args = process.argv.slice(2);
  if (args.includes("--help")) return console.log(USAGE);
  try {
    const options = parseOptions(args);
    const results = await measure(options);
    await publish(results, await describeMachine(options), options);
  } finally {
    await stopAll();
  }
}

await main().catch((error) => {
  console.error(error instanceof UsageError ? error.message : error);
  process.exitCode = 1;
});
