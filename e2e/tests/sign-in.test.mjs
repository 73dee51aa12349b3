// Passwords, second factors and API keys, as people meet them in the web app.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { assertNoFaults, focused } from "../harness/accessibility.mjs";
import { code } from "../harness/authenticator.mjs";
import { Browser } from "../harness/browser.mjs";
import { Server } from "../harness/server.mjs";
import { until } from "../harness/wait.mjs";

const PASSWORD = "correct horse battery";

let server, browser;
before(async () => ([server, browser] = await Promise.all([Server.start(), Browser.launch()])));
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function command(...args) {
  const { code, stdout, stderr } = await server.run(args);
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

async function open(t, address, settings) {
  const page = await browser.open(address, settings);
  t.after(() => page.context().close());
  return page;
}

const panel = (page, title) => page.locator(".panel", { has: page.getByRole("heading", { name: title, exact: true }) });
const press = (place, name) => place.getByRole("button", { name, exact: true }).click();
const fill = (place, label, text) => place.getByLabel(label).first().fill(text);

/** A new user's account page, in a browser of their own. */
async function accountOf(t, name, settings) {
  const page = await open(t, await command("user", "add", name), settings);
  await page.getByRole("link", { name: "Account" }).click();
  await page.getByText(`You are signed in as ${name}.`).waitFor();
  return page;
}

async function setPassword(page) {
  const section = panel(page, "Password");
  await fill(section, "New password", PASSWORD);
  await press(section, "Set password");
  await page.getByText("The password is set.").waitFor();
}

async function signIn(page, name, password) {
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await fill(page, "Name", name);
  await fill(page, "Password", password);
  await press(page, "Sign in");
}

const isIn = (page) => page.getByRole("heading", { name: "Start a desktop" }).waitFor();

/** Sets an authenticator app up; what it knows, and the recovery codes. */
async function setUpApp(page) {
  const section = panel(page, "Second factor");
  await fill(section, "Password", PASSWORD);
  await press(section, "Set up");
  const secret = await section.getByLabel("Secret").inputValue();
  await until("the QR code", () => section.locator("img.qr").evaluate(({ naturalWidth }) => naturalWidth > 100));
  const used = code(secret);
  await fill(section, "Code that the app shows", used);
  await press(section, "Confirm");
  await section.getByRole("heading", { name: "Recovery codes" }).waitFor();
  const recoveryCodes = await section.locator(".codes code").allTextContents();
  await press(section, "Done");
  await section.getByText("It is on. 10 recovery codes are left.").waitFor();
  return { secret, used, recoveryCodes };
}

test("a password that is set on the account page signs in, and a wrong one does not", async (t) => {
  const page = await accountOf(t, "ada");
  await setPassword(page);
  await press(panel(page, "Account"), "Sign out");
  await signIn(page, "ada", "correct horse batterx");
  await page.getByText("The name or the password is wrong.").waitFor();
  await fill(page, "Password", PASSWORD);
  await page.getByLabel("Password").press("Enter");
  await isIn(page);
});

test("too many wrong passwords say how long to wait, and a link still signs in", async (t) => {
  const account = await accountOf(t, "bob");
  await setPassword(account);
  const page = await open(t, `${server.origin}/`);
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  const lockedOut = page.getByText(/^Too many wrong tries\. Try again in \d minutes?\.$/);
  for (let tries = 0; !(await lockedOut.isVisible()); tries++) {
    assert.ok(tries < 20, "no lockout");
    const answered = page.waitForResponse("**/auth/login");
    await signIn(page, "bob", `wrong password ${tries}`);
    await answered;
    await page.getByRole("alert").waitFor();
  }
  await signIn(page, "bob", PASSWORD);
  await lockedOut.waitFor();

  const link = await command("user", "link", "bob");
  const other = await open(t, link);
  await isIn(other);
});

test("an authenticator app is set up and asked for, and takes each code once", async (t) => {
  const page = await accountOf(t, "carol");
  await panel(page, "Second factor").getByText("set one first").waitFor();
  await setPassword(page);
  const { secret, used } = await setUpApp(page);
  await press(panel(page, "Account"), "Sign out");

  await signIn(page, "carol", PASSWORD);
  const field = page.getByLabel("Code from your authenticator app");
  await field.waitFor();
  assert.ok(await field.evaluate((input) => input === document.activeElement));
  for (const wrong of [used, "abcdef"]) {
    await field.fill(wrong);
    await press(page, "Sign in");
    await page.getByText("The code is wrong or has been used.").waitFor();
  }
  await field.fill(code(secret, 1));
  await field.press("Enter");
  await isIn(page);
});

test("a recovery code signs in once in place of the app, and another one removes it", async (t) => {
  const page = await accountOf(t, "dora");
  await setPassword(page);
  const { recoveryCodes } = await setUpApp(page);
  assert.equal(new Set(recoveryCodes).size, 10);
  await press(panel(page, "Account"), "Sign out");

  const withCode = async (text) => {
    await signIn(page, "dora", PASSWORD);
    await fill(page, "Code from your authenticator app", text);
    await press(page, "Sign in");
  };
  await withCode(recoveryCodes[0]);
  await isIn(page);
  await page.goto(`${server.origin}/account`);
  const section = panel(page, "Second factor");
  await section.getByText("9 recovery codes are left.").waitFor();
  await section.getByText("I have a recovery code").click();
  const details = section.locator("details");
  await fill(details, "Recovery code", recoveryCodes[0]);
  await press(details, "Remove the second factor");
  await details.getByText("The code is wrong or has been used.").waitFor();
  await fill(details, "Recovery code", recoveryCodes[1]);
  await press(details, "Remove the second factor");
  await section.getByRole("button", { name: "Set up" }).waitFor();

  await press(panel(page, "Account"), "Sign out");
  await signIn(page, "dora", PASSWORD);
  await isIn(page);
});

/** What curl gets with a key. */
async function curl(key, path, ...args) {
  const options = ["-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", `authorization: Bearer ${key}`, ...args];
  const { stdout } = await promisify(execFile)("curl", [...options, `${server.origin}/api/v1${path}`]);
  return Number(stdout);
}

test("a key that is made on the page works in curl within its scope, until it is withdrawn", async (t) => {
  const page = await accountOf(t, "erin");
  const section = panel(page, "API keys");
  await fill(section, "Label", "backup job");
  await section.getByLabel("The key may").selectOption({ label: "see the catalog and what runs" });
  await press(section, "Make a key");
  const key = await section.getByLabel("This is the key.").inputValue();
  assert.equal(await curl(key, "/sessions"), 200);
  const start = ["-H", "content-type: application/json", "-d", '{"template":"xterm"}'];
  assert.equal(await curl(key, "/sessions", ...start), 403);

  await page.reload();
  await section.getByText("backup job").waitFor();
  assert.equal(await section.getByText(key).count(), 0, "it is shown once");
  await press(section, "Withdraw backup job");
  await section.getByText("backup job").waitFor({ state: "detached" });
  assert.equal(await curl(key, "/sessions"), 401);
});

test("keys are made, listed and withdrawn by command, too", async () => {
  const key = await command("key", "add", "ci", "--scope", "sessions", "--for", "1d");
  assert.equal(await curl(key, "/sessions"), 200);
  assert.equal(await curl(key, "/users"), 403);
  assert.match(await command("key", "list"), /^ci +sessions +\d{4}-\d\d-\d\d +\d{4}-\d\d-\d\d +\d{4}-\d\d-\d\d$/m);
  await command("key", "remove", "ci");
  assert.equal(await curl(key, "/sessions"), 401);
  const again = await server.run(["key", "remove", "ci"]);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /there is no key "ci"/);
});

test("a browser signs the others out, and a new password does", async (t) => {
  const page = await accountOf(t, "fay");
  const others = [];
  for (let count = 0; count < 2; count++) {
    const other = await open(t, await command("user", "link", "fay"));
    await isIn(other);
    others.push(other);
  }
  const status = (other) => other.evaluate(async () => (await fetch("/api/v1/auth/me")).status);
  await page.reload();
  const section = panel(page, "Where you are signed in");
  await section.getByText("This browser").waitFor();
  assert.equal(await section.locator("li").count(), 3);
  await section.getByRole("button", { name: /^Sign out Chrome/ }).first().click();
  await until("two browsers", async () => (await section.locator("li").count()) === 2);
  assert.deepEqual((await Promise.all(others.map(status))).sort(), [200, 401]);
  await setPassword(page);
  assert.deepEqual(await Promise.all(others.map(status)), [401, 401]);
  assert.equal(await status(page), 200);
});

test("an admin takes a password away", async (t) => {
  const page = await accountOf(t, "gil");
  await setPassword(page);
  await command("user", "remove-password", "gil");
  await page.goto(`${server.origin}/`);
  await signIn(page, "gil", PASSWORD);
  await page.getByText("The name or the password is wrong.").waitFor();
});

for (const colorScheme of ["dark", "light"]) {
  test(`in the ${colorScheme} look the sign-in and account pages are clean in every state`, async (t) => {
    const page = await accountOf(t, `hana-${colorScheme}`, { colorScheme });
    await panel(page, "Where you are signed in").getByText("This browser").waitFor();
    await assertNoFaults(page, "without a password");
    await setPassword(page);
    await assertNoFaults(page, "with a password");
    const section = panel(page, "Second factor");
    await fill(section, "Password", "a wrong password");
    await press(section, "Set up");
    await section.getByText("The present password is wrong.").waitFor();
    await assertNoFaults(page, "a wrong password");
    await fill(section, "Password", PASSWORD);
    await press(section, "Set up");
    await section.getByLabel("Secret").waitFor();
    await assertNoFaults(page, "an app is set up");
    await fill(section, "Code that the app shows", code(await section.getByLabel("Secret").inputValue()));
    await press(section, "Confirm");
    await section.getByRole("heading", { name: "Recovery codes" }).waitFor();
    await assertNoFaults(page, "recovery codes");
    await press(section, "Done");
    // Then the page has been put together anew.
    await section.getByRole("heading", { name: "Recovery codes" }).waitFor({ state: "hidden" });
    const keys = panel(page, "API keys");
    await fill(keys, "Label", "a key");
    await press(keys, "Make a key");
    await keys.getByRole("button", { name: "Withdraw a key" }).waitFor();
    await assertNoFaults(page, "with a second factor and a key");
    await press(panel(page, "Account"), "Sign out");
    await signIn(page, `hana-${colorScheme}`, PASSWORD);
    await page.getByLabel("Code from your authenticator app").waitFor();
    await assertNoFaults(page, "a code is asked for");
  });
}

test("the account page is used by keyboard alone", async (t) => {
  const page = await accountOf(t, "ivy");
  const section = panel(page, "Password");
  await section.getByLabel("New password").focus();
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  assert.equal(await section.getByLabel("New password").getAttribute("type"), "text");
  await page.keyboard.press("Tab");
  assert.equal(await focused(page), "Set password");
  await page.keyboard.press("Enter");
  await page.getByText("The password is set.").waitFor();
  assert.match(await focused(page), /^The password is set/);
});

test("the pages speak the browser's language", async (t) => {
  const page = await open(t, `${server.origin}/account`, { locale: "ar" });
  await page.getByRole("heading", { name: "تسجيل الدخول" }).waitFor();
  await page.getByLabel("كلمة المرور").waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.dir), "rtl");
});
