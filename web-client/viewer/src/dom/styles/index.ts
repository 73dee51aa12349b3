// The look of the viewer. It follows the page's `color-scheme`, mirrors for languages that run from
// right to left, and keeps clear of notches and rounded corners.

import { FILES } from "./files.js";
import { FRAME } from "./frame.js";
import { KEYS } from "./keys.js";
import { MESSAGES } from "./messages.js";
import { PANELS } from "./panels.js";
import { PEOPLE } from "./people.js";
import { STATISTICS } from "./statistics.js";
import { TOOLBAR } from "./toolbar.js";

let shared: CSSStyleSheet | null = null;

/** One sheet for all viewers of a page. A constructed sheet needs no exception in the page's CSP. */
export function styleSheet(): CSSStyleSheet {
  if (!shared) {
    shared = new CSSStyleSheet();
    const parts = [FRAME, TOOLBAR, KEYS, MESSAGES, PANELS, FILES, STATISTICS, PEOPLE];
    shared.replaceSync(parts.join("\n"));
  }
  return shared;
}
