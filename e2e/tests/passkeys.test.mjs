// Passkeys, on a device that Chromium makes up.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertNoFaults } from "../harness/accessibility.mjs";
import { Browser } from "../harness/browser.mjs";
import { Passkeys } from "../harness/passkeys.mjs";
import { Server } from "../harness/server.mjs";
import { until } from "../harness/wait.mjs";

const PASSWORD = "correct horse battery";

let server, browser, origin;
before(async () => {
  [server, browser] = await Promise.all([Server.start(), Browser.launch()]);
  // Passkeys are for names.
  origin = server.origin.replace("127.0.0.1", "localhost");
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const panel = (page, title) =>
  page.locator(".panel", { has: page.getByRole("heading", { name: title, exact: true }) });
const press = (place, name) => place.getByRole("button", { name, exact: true }).click();
const isIn = (page) => page.getByRole("heading", { name: "Start a desktop" }).waitFor();
const byPasskey = (page) => press(page, "Sign in with a passkey");

async function open(t, address, settings) {
  const page = await browser.open(address, settings);
  t.after(() => page.context().close());
  return page;
}

/** A new user's account page, with a device. */
async function accountOf(t, name, settings) {
  const { code, stdout, stderr } = await server.run(["user", "add", name]);
  assert.equal(code, 0, stderr);
  const page = await open(t, stdout.trim().replace(server.origin, origin), settings);
  const device = await Passkeys.plugIn(page);
  await page.getByRole("link", { name: "Account" }).click();
  await page.getByText(`You are signed in as ${name}.`).waitFor();
  return { page, device };
}

async function addPasskey(page, label, password) {
  const section = panel(page, "Passkeys");
  const form = section.locator("form", { has: page.getByRole("button", { name: "Add a passkey" }) });
  await form.getByLabel("What to call it").fill(label);
  if (password) await form.getByLabel("Password", { exact: true }).fill(password);
  await press(section, "Add a passkey");
  await section.getByText(label, { exact: true }).waitFor();
}

async function setPassword(page) {
  const section = panel(page, "Password");
  await section.getByLabel("New password").first().fill(PASSWORD);
  await press(section, "Set password");
  await page.getByText("The password is set.").waitFor();
}

async function signOut(page) {
  await page.goto(`${origin}/account`);
  await press(panel(page, "Account"), "Sign out");
  await page.getByRole("heading", { name: "Sign in", exact: true }).waitFor();
}

async function signInByPassword(page, name) {
  await page.getByLabel("Name").first().fill(name);
  await page.getByLabel("Password").first().fill(PASSWORD);
  await press(page, "Sign in");
}

const me = (page) => page.evaluate(async () => (await fetch("/api/v1/auth/me")).json());
const refused = (page) => page.getByText("This passkey is not accepted here.").waitFor();

test("a passkey signs in by itself, and says whose it is", async (t) => {
  const { page, device } = await accountOf(t, "ada");
  await addPasskey(page, "my laptop");
  const [held] = await device.all();
  assert.ok(held.isResidentCredential && held.rpId === "localhost", JSON.stringify(held));
  await signOut(page);
  await byPasskey(page);
  await isIn(page);
  assert.equal((await me(page)).user, "ada");
});

test("several have names, and one that is removed signs in no more", async (t) => {
  const { page, device } = await accountOf(t, "bob");
  await addPasskey(page, "phone");
  const first = await device.all();
  // The same device makes no second one; another one does.
  const section = panel(page, "Passkeys");
  await section.getByLabel("What to call it").fill("phone again");
  await press(section, "Add a passkey");
  await page.getByText("No passkey was used. Try again.").waitFor();
  await device.clear();
  await addPasskey(page, "key ring");
  const second = await device.all();
  assert.equal(await section.locator("li").count(), 2);

  const row = section.locator("li", { hasText: "phone" });
  await row.getByText("Remove", { exact: true }).click();
  await press(row, "Remove phone");
  await until("one passkey", async () => (await section.locator("li").count()) === 1);
  await signOut(page);
  await device.clear();
  await device.add(first[0]);
  await byPasskey(page);
  await refused(page);
  await device.clear();
  await device.add(second[0]);
  await byPasskey(page);
  await isIn(page);
});

test("with a passkey the password alone does not do, and with both it does", async (t) => {
  const { page, device } = await accountOf(t, "carol");
  await setPassword(page);
  await addPasskey(page, "my laptop", PASSWORD);
  await signOut(page);
  const held = await device.all();
  await device.clear();
  await signInByPassword(page, "carol");
  await page.getByText("No passkey was used. Try again.").waitFor();
  assert.equal((await me(page)).status, 401);
  await device.add(held[0]);
  await signInByPassword(page, "carol");
  await isIn(page);
});

test("who has a password shows it to add a passkey and to remove one", async (t) => {
  const { page } = await accountOf(t, "dora");
  await setPassword(page);
  await addPasskey(page, "mine", PASSWORD);
  const section = panel(page, "Passkeys");
  const row = section.locator("li", { hasText: "mine" });
  await row.getByText("Remove", { exact: true }).click();
  await row.getByLabel("Password").first().fill("a wrong password");
  await press(row, "Remove mine");
  await row.getByText("The present password is wrong.").waitFor();
  await row.getByLabel("Password").first().fill(PASSWORD);
  await press(row, "Remove mine");
  await until("none", async () => (await section.locator("li").count()) === 0);
});

test("a device that is not sure who uses it signs nobody in", async (t) => {
  const { page, device } = await accountOf(t, "erin");
  await addPasskey(page, "my laptop");
  await signOut(page);
  await device.recognise(false);
  await byPasskey(page);
  await page.getByText("No passkey was used. Try again.").waitFor();
  await device.recognise(true);
  await byPasskey(page);
  await isIn(page);
});

test("a copy of a passkey is noticed by its count", async (t) => {
  const { page, device } = await accountOf(t, "finn");
  await addPasskey(page, "key ring");
  const [copy] = await device.all();
  for (let times = 0; times < 2; times++) {
    await signOut(page);
    await byPasskey(page);
    await isIn(page);
  }
  await signOut(page);
  const [original] = await device.all();
  assert.ok(original.signCount > copy.signCount + 1);
  await device.clear();
  await device.add(copy);
  await byPasskey(page);
  await refused(page);
  await device.clear();
  await device.add(original);
  await byPasskey(page);
  await isIn(page);
});

/** Takes what the page sends to sign in by its passkey, and does not send it. */
async function takeAnswer(page) {
  let taken;
  await page.route("**/auth/login", (route) => {
    taken = route.request().postData();
    void route.abort();
  });
  await byPasskey(page);
  await until("the answer", () => taken);
  await page.unroute("**/auth/login");
  return JSON.parse(taken);
}

/** Sends it from a page, with what was changed in it. */
async function send(page, { passkey }, change = {}) {
  const body = JSON.stringify({ passkey: { ...passkey, ...change } });
  const answer = await page.evaluate(async (body) => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch("/api/v1/auth/login", { method: "POST", headers, body });
    return { status: answer.status, code: answer.ok ? null : (await answer.json()).code };
  }, body);
  return answer;
}

test("an answer signs in once, and not when it is changed", async (t) => {
  const { page } = await accountOf(t, "gwen");
  await addPasskey(page, "my laptop");
  await signOut(page);
  const wrong = { status: 401, code: "passkey-wrong" };
  const answer = await takeAnswer(page);
  const seen = JSON.parse(Buffer.from(answer.passkey.clientData, "base64url"));
  const encoded = (changed) => Buffer.from(JSON.stringify({ ...seen, ...changed })).toString("base64url");
  const evil = { clientData: encoded({ origin: "http://evil.example" }) };
  assert.deepEqual(await send(page, answer, evil), wrong);
  const own = { clientData: encoded({ challenge: "AAAA" }) };
  assert.deepEqual(await send(page, answer, own), wrong);
  assert.deepEqual(await send(page, answer, { signature: "AAAA" }), wrong);
  assert.deepEqual(await send(page, answer), { status: 204, code: null });
  assert.deepEqual(await send(page, answer), wrong, "a second time");
});

test("a passkey of another site, or for another name of this one, is none here", async (t) => {
  const { page } = await accountOf(t, "hal");
  await addPasskey(page, "my laptop");
  await signOut(page);
  const answer = await takeAnswer(page);
  // The same bytes, at an address that the browser did not call.
  const headers = { "content-type": "application/json" };
  const elsewhere = await fetch(`${server.origin}/api/v1/auth/login`, {
    method: "POST",
    headers,
    body: JSON.stringify(answer),
  });
  assert.equal(elsewhere.status, 422);
  assert.match((await elsewhere.json()).detail, /addresses with a name/);
  // And the browser asks no device for a site that is not the page's.
  const error = await page.evaluate(async () => {
    const publicKey = { challenge: new Uint8Array(32), rpId: "evil.example" };
    return navigator.credentials.get({ publicKey }).catch(({ name }) => name);
  });
  assert.equal(error, "SecurityError");
});

test("where there are no passkeys the pages say so", async (t) => {
  const { code, stdout } = await server.run(["user", "add", "ida"]);
  assert.equal(code, 0);
  const page = await open(t, stdout.trim());
  await isIn(page);
  await page.goto(`${server.origin}/account`);
  await panel(page, "Passkeys").getByText("This page cannot use passkeys.").waitFor();
  await press(panel(page, "Account"), "Sign out");
  await page.getByRole("heading", { name: "Sign in", exact: true }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Sign in with a passkey" }).count(), 0);
});

for (const colorScheme of ["dark", "light"]) {
  test(`in the ${colorScheme} look the pages with passkeys are clean`, async (t) => {
    const { page } = await accountOf(t, `jo-${colorScheme}`, { colorScheme });
    await addPasskey(page, "my laptop");
    await panel(page, "Passkeys").getByText("Remove", { exact: true }).click();
    await assertNoFaults(page, "with a passkey");
    await signOut(page);
    await assertNoFaults(page, "the sign-in page");
  });
}
