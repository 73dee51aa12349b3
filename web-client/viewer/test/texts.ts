// What is wrong with the languages' texts, measured by the English ones.

import type { Dictionary, Plural } from "../src/core/language.js";

export function incompleteTexts(texts: Readonly<Record<string, Dictionary>>): string[] {
  const english = texts["en"] ?? {};
  return Object.entries(texts).flatMap(([code, dictionary]) =>
    faults(code, dictionary, english).map((fault) => `${code}: ${fault}`),
  );
}

function faults(code: string, dictionary: Dictionary, english: Dictionary): string[] {
  const unknown = Object.keys(dictionary).filter((name) => !(name in english));
  return [
    ...unknown.map((name) => `${name} is in no other language`),
    ...Object.entries(english).flatMap(([name, original]) => {
      const text = dictionary[name];
      return text === undefined ? [`${name} is missing`] : textFaults(code, name, text, original);
    }),
  ];
}

type Text = Dictionary[string];

function textFaults(code: string, name: string, text: Text, original: Text): string[] {
  const found = forms(text).some((form) => form.trim() === "") ? [`${name} is empty`] : [];
  if (typeof original !== "string") return [...found, ...pluralFaults(code, name, text)];
  const [expected, actual] = [placeholders(original), placeholders(text)];
  if (expected !== actual) found.push(`${name} has the placeholders ${actual}, not ${expected}`);
  return found;
}

/** A form for one may leave the number out, so the placeholders are the text's own affair. */
function pluralFaults(code: string, name: string, text: Text): string[] {
  const { pluralCategories } = new Intl.PluralRules(code).resolvedOptions();
  const missing = pluralCategories.filter((category) => (text as Plural)[category] === undefined);
  return missing.length === 0 ? [] : [`${name} has no form for ${missing.sort().join(", ")}`];
}

function forms(text: Text): string[] {
  return typeof text === "string" ? [text] : Object.values(text);
}

function placeholders(text: Text): string {
  const names = forms(text).flatMap((form) => [...form.matchAll(/\{(\w+)\}/g)].map(([, n]) => n));
  return `[${[...new Set(names)].sort().join(", ")}]`;
}
