// What stands at the top of the app's own pages.

import { element } from "./html.js";
import { ACCOUNT_PATH } from "./route.js";
import { phrase, say } from "./texts.js";

export function pageHeader(): HTMLElement {
  const mark = element("img", { src: "/favicon.svg", alt: "", className: "mark" });
  const home = element("a", { href: "/", className: "home" }, mark, "StreamSpace");
  const account = element("a", { href: ACCOUNT_PATH, className: "button" }, say(phrase("account")));
  return element("header", {}, element("h1", {}, home), account);
}
