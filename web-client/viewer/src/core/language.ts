// Texts in the language of the person who reads them.
//
//   phrase ──▶ Language.say ──▶ text      A phrase names a text of a dictionary and what belongs into
//                                         its placeholders, so the core decides what is said, and
//                                         whoever shows it in which language.

export const LANGUAGES = ["en", "de", "es", "fr", "zh", "ja", "ar"] as const;
export type LanguageCode = (typeof LANGUAGES)[number];

/** Forms by plural category (CLDR); the value `count` chooses among them. */
export type Plural = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };
export type Dictionary = Readonly<Record<string, string | Readonly<Plural>>>;

/** Every text of `English`, which is written `as const`, in another language. */
export type TextsLike<English extends Dictionary> = {
  readonly [Name in keyof English]: English[Name] extends string ? string : Plural;
};

export interface Phrase {
  readonly text: string;
  readonly values: Readonly<Record<string, Value>>;
}
/** A phrase, or words as they came from elsewhere. */
export type Saying = Phrase | string;
/** An amount, said in the unit that suits it. */
export interface Bytes {
  readonly bytes: number;
}
export type Value = Saying | number | Bytes;

type NamesIn<T> = T extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never;
type Placeholders<T> = T extends string ? NamesIn<T> : NamesIn<T[keyof T]> | "count";
type Values<T> = [Placeholders<T>] extends [never] ? [] : [Record<Placeholders<T>, Value>];

export type PhraseMaker<English extends Dictionary> = <Name extends keyof English & string>(
  text: Name,
  ...values: Values<English[Name]>
) => Phrase;

/** Makes phrases of the texts of `English`; a wrong name or placeholder does not compile. */
export function phrasesOf<English extends Dictionary>(): PhraseMaker<English> {
  return (text, ...values) => ({ text, values: values[0] ?? {} });
}

export class Language {
  readonly code: LanguageCode;
  readonly #texts: Dictionary;
  readonly #plural: Intl.PluralRules;

  constructor(code: LanguageCode, texts: Dictionary) {
    this.code = code;
    this.#texts = texts;
    this.#plural = new Intl.PluralRules(code);
  }

  get direction(): "ltr" | "rtl" {
    return this.code === "ar" ? "rtl" : "ltr";
  }

  say(saying: Saying): string {
    if (typeof saying === "string") return saying;
    const form = this.#form(saying);
    return form.replace(/\{(\w+)\}/g, (_, name: string) => this.#value(saying.values[name]));
  }

  /** Keeps its own direction within a text that may run the other way. */
  isolate(text: string): string {
    return this.direction === "rtl" ? `\u2068${text}\u2069` : text;
  }

  number(value: number, fractionDigits = 0): string {
    return this.#format(value, { ...digits(fractionDigits), useGrouping: false });
  }

  /** Hour and minute. */
  time(unixMs: number): string {
    return new Intl.DateTimeFormat(this.code, { timeStyle: "short" }).format(unixMs);
  }

  dateTime(unixMs: number): string {
    const style = { dateStyle: "medium", timeStyle: "short" } as const;
    return new Intl.DateTimeFormat(this.code, style).format(unixMs);
  }

  milliseconds(ms: number): string {
    return this.#format(ms, { ...digits(1), style: "unit", unit: "millisecond" });
  }

  percent(share: number): string {
    return this.#format(share, { ...digits(1), style: "percent" });
  }

  bytes(bytes: number): string {
    return this.#amount(bytes, "");
  }

  bytesPerSecond(bytes: number): string {
    return this.#amount(bytes, "-per-second");
  }

  #amount(bytes: number, suffix: string): string {
    const step = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), AMOUNTS.length - 1);
    const value = bytes / 1000 ** step;
    const style = {
      style: "unit",
      unit: `${AMOUNTS[step]}${suffix}`,
      unitDisplay: "short",
    } as const;
    return this.#format(value, { ...digits(step > 0 && value < 10 ? 1 : 0), ...style });
  }

  #form({ text, values }: Phrase): string {
    const entry = this.#texts[text] ?? text;
    if (typeof entry === "string") return entry;
    return entry[this.#plural.select(Number(values["count"]))] ?? entry.other;
  }

  #value(value: Value | undefined): string {
    if (typeof value === "number") return this.number(value);
    if (typeof value === "object" && "bytes" in value) return this.bytes(value.bytes);
    // A sentence within a sentence loses its full stop.
    return this.isolate(this.say(value ?? "").replace(/[.。]$/, ""));
  }

  #format(value: number, options: Intl.NumberFormatOptions): string {
    return new Intl.NumberFormat(this.code, options).format(value);
  }
}

const AMOUNTS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

function digits(count: number): Intl.NumberFormatOptions {
  return { minimumFractionDigits: count, maximumFractionDigits: count };
}

/** The first of the wanted languages that there is, by its primary tag; English where none is. */
export function chooseLanguage(wanted: readonly string[]): LanguageCode {
  for (const tag of wanted) {
    const primary = tag.toLowerCase().split("-")[0];
    const found = LANGUAGES.find((code) => code === primary);
    if (found) return found;
  }
  return "en";
}
