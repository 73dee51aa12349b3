import assert from "node:assert/strict";
import test from "node:test";
import { LANGUAGES, Language, chooseLanguage } from "../src/core/language.js";
import type { Dictionary } from "../src/core/language.js";
import { timeoutFailure } from "../src/core/failure.js";
import { TEXTS, phrase, viewerLanguage } from "../src/core/texts.js";
import { incompleteTexts } from "./texts.js";

test("every language has every text, with the placeholders of the English one", () => {
  assert.deepEqual(incompleteTexts(TEXTS), []);
});

test("a language file that lacks something is found out", () => {
  const english = { hello: "Hello, {name}", days: { one: "a day", other: "{count} days" } };
  const lacking: Dictionary = { hello: "Bonjour", days: { other: "" }, more: "plus" };
  assert.deepEqual(incompleteTexts({ en: english, fr: lacking }), [
    "fr: more is in no other language",
    "fr: hello has the placeholders [], not [name]",
    "fr: days is empty",
    "fr: days has no form for many, one",
  ]);
});

test("no language leaves a text in English that is made of words", () => {
  const words = Object.entries(TEXTS.en).filter(
    ([, text]) => text.toString().split(" ").length > 2,
  );
  for (const code of LANGUAGES.filter((code) => code !== "en")) {
    const dictionary: Dictionary = TEXTS[code];
    const same = words.filter(([name, text]) => dictionary[name] === text).map(([name]) => name);
    // Two names with a colon are the same everywhere.
    assert.deepEqual(
      same.filter((name) => name !== "bothFailed"),
      [],
      code,
    );
  }
});

test("the first wanted language that there is counts, whatever its region", () => {
  assert.equal(chooseLanguage(["pt-BR", "es-MX", "en"]), "es");
  assert.equal(chooseLanguage(["zh-Hans-CN"]), "zh");
  assert.equal(chooseLanguage(["DE"]), "de");
  assert.equal(chooseLanguage(["xx", ""]), "en");
  assert.equal(chooseLanguage([]), "en");
});

test("Arabic alone runs from right to left", () => {
  const fromRight = LANGUAGES.filter((code) => viewerLanguage([code]).direction === "rtl");
  assert.deepEqual(fromRight, ["ar"]);
});

test("a reason becomes a clause of the sentence around it", () => {
  const reconnecting = phrase("reconnecting", { reason: "The cable was cut." });
  const english = viewerLanguage(["en"]);
  assert.equal(english.say(reconnecting), "No connection: The cable was cut. Reconnecting …");
  const nested = phrase("fellBack", { reason: timeoutFailure("answer", 5).reason });
  assert.equal(
    viewerLanguage(["de"]).say(nested),
    "Über VNC verbunden, weil WebRTC nicht ging: der Streamer hat auf das WebRTC-Angebot nicht geantwortet (5 s gewartet).",
  );
});

test("a number chooses the form of the text around it", () => {
  const said = (code: string, count: number) =>
    viewerLanguage([code]).say(phrase("latencyOf", { count }));
  assert.equal(said("en", 1), "Milliseconds, of the last frame");
  assert.equal(said("en", 300), "Milliseconds, of the last 300 frames");
  assert.notEqual(said("ar", 3), said("ar", 2));
  assert.notEqual(said("ar", 3), said("ar", 11));
});

test("figures are written as the language writes them", () => {
  assert.equal(viewerLanguage(["en"]).milliseconds(4.25), "4.3 ms");
  assert.equal(viewerLanguage(["de"]).number(1234.5, 1), "1234,5");
  assert.equal(viewerLanguage(["en"]).percent(0.012), "1.2%");
});

test("what runs from left to right stays so within Arabic", () => {
  const said = viewerLanguage(["ar"]).say(phrase("leaveHint", { keys: "Ctrl+Alt" }));
  assert.match(said, /\u2068Ctrl\+Alt\u2069/);
});

test("braces in a value stay what they are", () => {
  const said = viewerLanguage(["en"]).say(phrase("notStarted", { error: "{error} {keys}" }));
  assert.equal(said, "The viewer could not start: {error} {keys}");
  assert.equal(new Language("en", {}).say("{plain}"), "{plain}");
});
