// Every text of the viewer's interface, in every language.

import { Language, chooseLanguage, phrasesOf } from "./language.js";
import type { LanguageCode, TextsLike } from "./language.js";
import { arabic } from "./texts/ar.js";
import { chinese } from "./texts/zh.js";
import { english } from "./texts/en.js";
import { french } from "./texts/fr.js";
import { german } from "./texts/de.js";
import { japanese } from "./texts/ja.js";
import { spanish } from "./texts/es.js";

export type Texts = TextsLike<typeof english>;
export type TextName = keyof Texts;

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

/** The viewer's language for a person who wants one of these, the dearest first. */
export function viewerLanguage(wanted: readonly string[]): Language {
  const code = chooseLanguage(wanted);
  return new Language(code, TEXTS[code]);
}
