// The web app on the home screen of a phone, and without its server.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, untilPicture } from "../harness/browser.mjs";
import { Server, temporaryFolder } from "../harness/server.mjs";
import { until } from "../harness/wait.mjs";

let server;
before(async () => (server = await Server.start()));
after(() => server?.stop());

async function openApp(t, address) {
  const profile = await temporaryFolder(t);
  const browser = await Browser.launch({ profile });
  t.after(() => browser.close());
  const page = await browser.open(address);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await until("the service worker at work", () => page.evaluate(() => navigator.serviceWorker.controller !== null));
  return page;
}

test("the app can be installed", async (t) => {
  const page = await openApp(t, await server.link("/"));
  const devtools = await page.context().newCDPSession(page);
  const { errors, data } = await devtools.send("Page.getAppManifest");
  assert.deepEqual(errors, []);
  const manifest = JSON.parse(data);
  assert.equal(manifest.display, "standalone");
  for (const { src, type } of manifest.icons) {
    const icon = await page.request.get(server.origin + src);
    assert.equal(icon.headers()["content-type"], type, src);
  }
  const response = await page.request.get(`${server.origin}/manifest.webmanifest`);
  assert.equal(response.headers()["content-type"], "application/manifest+json");
  const { installabilityErrors } = await devtools.send("Page.getInstallabilityErrors");
  assert.deepEqual(installabilityErrors, []);
});

test("what is kept is the app's shell and nothing of the API", async (t) => {
  const session = await server.session(["xterm"]);
  const page = await openApp(t, session.address);
  await untilPicture(page);
  const kept = await page.evaluate(async () => {
    const names = await caches.keys();
    const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return requests.flat().map(({ url }) => new URL(url).pathname + new URL(url).hash);
  });
  for (const file of ["/", "/app.js", "/viewer.js", "/manifest.webmanifest"]) {
    assert.ok(kept.includes(file), file);
  }
  assert.deepEqual(kept.filter((path) => /api|session|signin|metrics/.test(path)), []);
});

test("without its server the app still opens, and says what is wrong", async (t) => {
  const own = await Server.start();
  t.after(() => own.stop());
  const page = await openApp(t, await own.link("/"));
  await page.getByRole("article").first().waitFor();
  own.process.child.kill("SIGTERM");
  await own.process.exit;
  await page.goto(`${own.origin}/session/xterm-1`);
  await page.getByText("The server cannot be reached.").waitFor();
});

test("what an admin announces stands on the start page", async (t) => {
  const browser = await Browser.launch();
  t.after(() => browser.close());
  const page = await browser.open(await server.link("/"));
  await page.getByRole("article").first().waitFor();
  const announce = async (announcement) => {
    const response = await fetch(`${server.origin}/api/v1/system/settings`, {
      method: "PUT",
      headers: { authorization: `Bearer ${server.key.apiKey}`, "content-type": "application/json" },
      body: JSON.stringify({ announcement }),
    });
    assert.equal(response.status, 200);
    await page.reload();
    await page.getByRole("article").first().waitFor();
  };
  assert.equal(await page.locator(".announcement").isVisible(), false);
  await announce("Maintenance <b>at noon</b>");
  assert.equal(await page.locator(".announcement").innerText(), "Maintenance <b>at noon</b>");
  await announce("");
  assert.equal(await page.locator(".announcement").isVisible(), false);
});
