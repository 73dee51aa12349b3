// Every text of the web app, in every language, and the one that this browser wants.

import { Language, chooseLanguage, phrasesOf } from "@streamspace/viewer/language";
import type { LanguageCode, Phrase, TextsLike } from "@streamspace/viewer/language";
import { arabic } from "./texts/ar.js";
import { chinese } from "./texts/zh.js";
import { english } from "./texts/en.js";
import { french } from "./texts/fr.js";
import { german } from "./texts/de.js";
import { japanese } from "./texts/ja.js";
import { spanish } from "./texts/es.js";

export type Texts = TextsLike<typeof english>;

export const TEXTS: Readonly<Record<LanguageCode, Texts>> = {
  en: english,
  de: german,
  es: spanish,
  fr: french,
  zh: chinese,
  ja: japanese,
  ar: arabic,
};

export const phrase = phrasesOf<typeof english>();

export function appLanguage(wanted: readonly string[]): Language {
  const code = chooseLanguage(wanted);
  return new Language(code, TEXTS[code]);
}

let current: Language | null = null;

/** The page's language: chosen once, for a page speaks one. */
export function language(): Language {
  current ??= appLanguage(navigator.languages);
  return current;
}

export function say(saying: Phrase): string {
  return language().say(saying);
}
