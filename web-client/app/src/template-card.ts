// The catalog: a card for each template.

import { inCatalogOrder, isPicture } from "./describe.js";
import { actionButton, element } from "./html.js";
import type { CatalogProblem, Template } from "./api-types.js";
import { phrase, say } from "./texts.js";

export function templateCards(
  templates: Template[],
  start: (template: string) => Promise<void>,
): HTMLElement {
  const cards = inCatalogOrder(templates).map((template) => templateCard(template, start));
  return element("div", { className: "cards" }, ...cards);
}

function templateCard(
  { metadata, spec }: Template,
  start: (template: string) => Promise<void>,
): HTMLElement {
  const startButton = actionButton("button primary", say(phrase("start")), () =>
    start(metadata.name),
  );
  startButton.ariaLabel = say(phrase("startOne", { name: spec.displayName }));
  return element(
    "article",
    { className: "card" },
    element(
      "div",
      { className: "card-head" },
      templateIcon(spec.icon),
      element("span", { className: "tag" }, spec.category),
    ),
    element("h3", {}, spec.displayName),
    element("p", { className: "quiet" }, spec.description),
    startButton,
  );
}

function templateIcon(icon: string): HTMLElement {
  return isPicture(icon)
    ? element("img", { className: "icon", src: icon, alt: "" })
    : element("span", { className: "icon", ariaHidden: "true" }, icon || "🖥️");
}

export function catalogProblems(problems: CatalogProblem[]): HTMLElement {
  const items = problems.map(({ file, message }) =>
    element("li", {}, element("code", {}, file), ` ${message}`),
  );
  return element(
    "details",
    { className: "notice" },
    element("summary", {}, say(phrase("brokenFiles", { count: problems.length }))),
    element("ul", {}, ...items),
  );
}
