// The viewer's own interface in the languages of the people who use it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, untilPicture, untilState } from "../harness/browser.mjs";
import { Server } from "../harness/server.mjs";
import { until } from "../harness/wait.mjs";

let server, browser, session;
before(async () => {
  server = await Server.start();
  browser = await Browser.launch();
  session = await server.session(["xterm"]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** A viewer in a browser whose language is `locale`. */
async function openIn(t, locale) {
  const address = await server.link(new URL(session.address).pathname);
  const page = await browser.open(address, { locale });
  t.after(() => page.context().close());
  await untilPicture(page);
  return page;
}

const button = (page, name) => page.locator("streamspace-viewer").getByRole("button", { name });

/** What the viewer is written in, and how its toolbar is called. */
function wording(page) {
  return page.evaluate(() => {
    const { shadowRoot } = document.querySelector("streamspace-viewer");
    const frame = shadowRoot.querySelector(".frame");
    const { ariaLabel } = shadowRoot.querySelector("[role=toolbar]");
    return { lang: frame.lang, dir: frame.dir, toolbar: ariaLabel };
  });
}

const TOOLBARS = {
  en: "Desktop controls",
  de: "Steuerung des Desktops",
  es: "Controles del escritorio",
  fr: "Commandes du bureau",
  zh: "桌面控制",
  ja: "デスクトップの操作",
  ar: "أدوات سطح المكتب",
};

test("the browser's language is the viewer's", async (t) => {
  const page = await openIn(t, "de-AT");
  assert.deepEqual(await wording(page), { lang: "de", dir: "ltr", toolbar: TOOLBARS.de });
});

test("the attribute lang changes all words at once, without a new connection", async (t) => {
  const page = await openIn(t, "en-GB");
  await page.evaluate(() => {
    globalThis.states = [];
    const viewer = document.querySelector("streamspace-viewer");
    viewer.addEventListener("streamspace-state", ({ detail }) => globalThis.states.push(detail));
  });
  await button(page, "Statistics").dispatchEvent("click");
  for (const [lang, toolbar] of Object.entries(TOOLBARS)) {
    await page.evaluate((lang) => (document.querySelector("streamspace-viewer").lang = lang), lang);
    const dir = lang === "ar" ? "rtl" : "ltr";
    assert.deepEqual(await wording(page), { lang, dir, toolbar });
  }
  const panel = page.locator("streamspace-viewer").getByRole("region", { name: "الإحصاءات" });
  await until("figures in Arabic", async () => /المسار/.test(await panel.textContent()));
  assert.deepEqual(await page.evaluate(() => globalThis.states), []);
});

test("in Arabic the panels stand on the other side, and the picture stays", async (t) => {
  const page = await openIn(t, "en-GB");
  await button(page, "Statistics").dispatchEvent("click");
  const places = () =>
    page.evaluate(() => {
      const viewer = document.querySelector("streamspace-viewer");
      const { left, right } = viewer.shadowRoot.querySelector(".stats").getBoundingClientRect();
      const first = viewer.shadowRoot.querySelector(".toolbar button:not([hidden])").getBoundingClientRect();
      const last = viewer.shadowRoot.querySelector(".toolbar").lastElementChild.getBoundingClientRect();
      return {
        panelStart: left < innerWidth - right,
        firstIsLeft: first.left < last.left,
        picture: viewer.picture.getBoundingClientRect().toJSON(),
      };
    });
  const { picture, ...leftToRight } = await places();
  assert.deepEqual(leftToRight, { panelStart: false, firstIsLeft: true });
  await page.evaluate(() => (document.querySelector("streamspace-viewer").lang = "ar"));
  const { picture: mirrored, ...rightToLeft } = await places();
  assert.deepEqual(rightToLeft, { panelStart: true, firstIsLeft: false });
  assert.deepEqual(mirrored, picture);
});

test("what the connection does, and what a page hears of it, is in that language", async (t) => {
  const page = await openIn(t, "ja-JP");
  const reason = page.evaluate(
    () =>
      new Promise((resolve) => {
        const viewer = document.querySelector("streamspace-viewer");
        viewer.addEventListener("streamspace-state", ({ detail }) => resolve(detail.reason));
      }),
  );
  await button(page, "切断").dispatchEvent("click");
  await untilState(page, "ended");
  assert.equal(await reason, "切断しました。");
  await button(page, "再接続").click();
  await untilPicture(page);
});

test("the web app around it speaks the browser's language too", async (t) => {
  const page = await browser.open(await server.link("/"), { locale: "ar" });
  t.after(() => page.context().close());
  await page.getByRole("heading", { name: "بدء سطح مكتب" }).waitFor();
  const { lang, dir } = await page.evaluate(() => {
    const { lang, dir } = document.documentElement;
    return { lang, dir };
  });
  assert.deepEqual({ lang, dir }, { lang: "ar", dir: "rtl" });
  await page.getByRole("link", { name: /^فتح / }).first().click();
  await untilPicture(page);
  assert.equal((await wording(page)).dir, "rtl");
});
