// The results as pictures.

import { latencyPlot } from "./latency-plot.mjs";
import { linkPlot } from "./link-plot.mjs";

/** SVG by file name, of the parts that have been measured. */
export function plots(all) {
  const files = {};
  if (all.latency) files["benchmarks-latency.svg"] = latencyPlot(all.latency.results);
  if (all.link) files["benchmarks-link.svg"] = linkPlot(all.link.results);
  return files;
}
