// Where the time of the last frames went: a bar that tiles the median frame's way, and a table.

import { latencyPieces, latencyRows, type LatencyRow } from "../core/latency-table.js";
import type { Language } from "../core/language.js";
import type { Latency } from "../core/protocol.js";
import { phrase } from "../core/texts.js";
import { element } from "./html.js";

export function latencyView(latency: Latency, language: Language): HTMLElement[] {
  return [bar(latency), table(latency, language)];
}

/** Only for the eye: the table says the same. */
function bar(latency: Latency): HTMLElement {
  const pieces = latencyPieces(latency).map(({ stage, share }) => {
    const piece = element("span", {});
    piece.dataset["stage"] = stage;
    piece.style.flexGrow = String(share);
    return piece;
  });
  return element("div", { className: "latency-bar", ariaHidden: "true" }, ...pieces);
}

function table(latency: Latency, language: Language): HTMLTableElement {
  const caption = phrase("latencyOf", { count: latency.frames });
  const columns = [language.say(phrase("stage")), "p50", "p95", "p99"].map((name) =>
    element("th", { scope: "col" }, name),
  );
  return element(
    "table",
    { className: "latency" },
    element("caption", {}, language.say(caption)),
    element("thead", {}, element("tr", {}, ...columns)),
    element("tbody", {}, ...latencyRows(latency, language).map(tableRow)),
  );
}

function tableRow({ stage, label, values }: LatencyRow): HTMLTableRowElement {
  const cells = values.map((value) => element("td", {}, value));
  const created = element("tr", {}, element("th", { scope: "row" }, label), ...cells);
  created.dataset["stage"] = stage;
  return created;
}
