import assert from "node:assert/strict";
import test from "node:test";
import { TEXTS, appLanguage, phrase } from "../src/texts.js";
import { incompleteTexts } from "../../viewer/test/texts.js";

test("the app has every text in every language, with the same placeholders", () => {
  assert.deepEqual(incompleteTexts(TEXTS), []);
});

test("commands keep their spelling in every language", () => {
  for (const code of Object.keys(TEXTS)) {
    const said = appLanguage([code]).say(phrase("printsAddress", { up: "a b", link: "c d" }));
    assert.match(said, /a b/);
    assert.match(said, /c d/);
  }
});
