// Signing in by an identity provider: a real one, and one whose answers somebody has changed.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { assertNoFaults } from "../harness/accessibility.mjs";
import { Browser } from "../harness/browser.mjs";
import { IdentityProvider, claimsOf, signInAtProvider, signed } from "../harness/provider.mjs";
import { Server, temporaryFolder } from "../harness/server.mjs";
import { until } from "../harness/wait.mjs";

const PASSWORD = "correct horse battery";

let provider, server, browser;
before(async () => {
  provider = await IdentityProvider.listen();
  const folder = await temporaryFolder({ after });
  [server, browser] = await Promise.all([
    Server.start({ args: await provider.args(folder) }),
    Browser.launch(),
  ]);
  provider.serve(server.origin);
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await provider?.stop();
});
afterEach(() => Object.assign(provider, { spoil: null, spoilReturn: null }));

async function open(t, path = "/", settings) {
  const page = await browser.open(`${server.origin}${path}`, settings);
  t.after(() => page.context().close());
  return page;
}

const start = (page) => page.getByRole("link", { name: "Sign in with Example" }).click();
const isIn = (page) => page.getByRole("heading", { name: "Start a desktop" }).waitFor();
const said = (page, text) => page.getByRole("alert").filter({ hasText: text }).waitFor();
const isSignInPage = (page) => page.getByRole("heading", { name: "Sign in", exact: true }).waitFor();

/** What the server says of who has signed in. */
const me = (page) =>
  page.evaluate(async () => {
    const answer = await fetch("/api/v1/auth/me");
    return { status: answer.status, ...(await answer.json()) };
  });

/** The same, once the few minutes are over for which the server believes what it knew. */
async function meAnew(page) {
  await page.context().clearCookies({ name: /^streamspace_access_/ });
  return me(page);
}

/** Somebody new at the provider. */
function person(subject, more = {}) {
  provider.people[subject] = { preferred_username: subject, groups: ["staff"], ...more };
  return subject;
}

async function signIn(page, subject) {
  await start(page);
  await signInAtProvider(page, subject);
}

/** Signed in by the provider, in a browser of their own. */
async function signedIn(t, subject, more) {
  const page = await open(t);
  await signIn(page, person(subject, more));
  await isIn(page);
  return page;
}

test("the provider signs people in, and their groups say which role they have", async (t) => {
  const page = await signedIn(t, "ada", { groups: ["operators", "staff", "choir"] });
  const { user, role, hasPassword } = await me(page);
  assert.deepEqual([user, role, hasPassword], ["ada", "operator", false]);
  const cookies = await page.context().cookies(server.origin);
  const ours = cookies.filter(({ name }) => name.startsWith("streamspace_"));
  assert.equal(ours.length, 2, JSON.stringify(ours.map(({ name }) => name)));
  assert.ok(ours.every(({ httpOnly, sameSite }) => httpOnly && sameSite === "Strict"));
  assert.ok(!page.url().includes("code="), page.url());
});

test("one goes on with the page that one wanted", async (t) => {
  const page = await open(t, "/account");
  await signIn(page, person("abe"));
  await page.getByText("You are signed in as abe.").waitFor();
});

test("nobody gets the name or the account of a user who is there", async (t) => {
  const { code, stderr } = await server.run(["user", "add", "bob", "--role", "admin"]);
  assert.equal(code, 0, stderr);
  const page = await signedIn(t, "bob", { email: "bob@example.org" });
  const { user, role } = await me(page);
  assert.deepEqual([user, role], ["bob-2", "user"]);

  const admin = await open(t);
  await signIn(admin, person("x-1", { preferred_username: "admin" }));
  await isIn(admin);
  assert.equal((await me(admin)).user, "admin-2");
});

test("somebody is who the provider says, whatever they are called later", async (t) => {
  const first = await signedIn(t, "cleo");
  assert.equal((await me(first)).user, "cleo");
  const again = await signedIn(t, "cleo", { preferred_username: "ada" });
  assert.equal((await me(again)).user, "cleo");
});

test("whose groups give no role is told so, and not let in", async (t) => {
  const page = await open(t);
  await signIn(page, person("dora", { groups: ["choir"] }));
  await said(page, "The identity provider knows you, but you have no access here.");
  assert.equal((await me(page)).status, 401);
  const { stdout } = await server.run(["user", "list"]);
  assert.ok(!stdout.includes("dora"), stdout);
});

test("roles follow the groups, and who is refused at the provider is signed out", async (t) => {
  const page = await signedIn(t, "erin");
  assert.equal((await me(page)).role, "user");
  person("erin", { groups: ["operators"] });
  await until("the new role", async () => (await meAnew(page)).role === "operator");
  delete provider.people.erin;
  await until("the end", async () => (await meAnew(page)).status === 401);
  await page.reload();
  await isSignInPage(page);
});

test("signing out signs out of the provider, too", async (t) => {
  const page = await signedIn(t, "finn");
  await page.goto(`${server.origin}/account`);
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await page.getByRole("button", { name: "Yes, sign me out" }).click();
  await isSignInPage(page);
  assert.equal(new URL(page.url()).origin, server.origin);
  await start(page);
  // The provider asks anew who it is.
  await page.locator("input[name=login]").waitFor();
});

test("who signs out at the provider is signed out here, at once", async (t) => {
  const page = await signedIn(t, "gwen");
  const other = await page.context().newPage();
  await other.goto(`${provider.issuer}/session/end`);
  await other.getByRole("button", { name: "Yes, sign me out" }).click();
  await until("the end", async () => (await me(page)).status === 401);
});

test("a logout token that the provider has not signed ends nothing", async (t) => {
  const page = await signedIn(t, "hal");
  const now = Math.floor(Date.now() / 1000);
  const event = "http://schemas.openid.net/event/backchannel-logout";
  const claims = { iss: provider.issuer, aud: "streamspace", sub: "hal", jti: "1", iat: now, exp: now + 60, events: { [event]: {} } };
  const send = async (token, headers = {}) => {
    const body = new URLSearchParams({ logout_token: token });
    const answer = await fetch(`${server.origin}/api/v1/auth/oidc/logged-out`, { method: "POST", headers, body });
    return answer.status;
  };
  const { jwk: theirs } = provider;
  provider.serve(server.origin);
  const { jwk: ours } = provider;
  const forged = { ...ours, kid: theirs.kid };
  assert.equal(await send(signed(claims, forged)), 400);
  assert.equal(await send(`${signed(claims, theirs).split(".").slice(0, 2).join(".")}.`), 400);
  assert.equal(await send(signed({ ...claims, aud: "other" }, theirs)), 400);
  assert.equal(await send(signed(claims, theirs), { origin: "http://localhost:1" }), 403);
  assert.equal((await me(page)).status, 200);
  assert.equal(await send(signed(claims, theirs)), 200);
  assert.equal((await me(page)).status, 401);
});

test("another state than was sent out signs nobody in", async (t) => {
  for (const change of [
    (query) => query.set("state", "another"),
    (query) => query.delete("state"),
    (query) => query.delete("code"),
  ]) {
    const page = await open(t);
    provider.spoilReturn = change;
    await signIn(page, person("ida"));
    await said(page, "This sign-in took too long, or was not begun in this browser.");
    assert.equal((await me(page)).status, 401);
  }
});

test("an answer that another provider sends, or that says no, signs nobody in", async (t) => {
  for (const change of [
    (query) => query.set("iss", "http://localhost:1"),
    (query) => query.set("error", "access_denied"),
    (query) => query.set("code", "another"),
  ]) {
    const page = await open(t);
    provider.spoilReturn = change;
    await signIn(page, person("jon"));
    await said(page, "The identity provider has not signed you in.");
    assert.equal((await me(page)).status, 401);
  }
});

test("a code does for one sign-in, in the browser that began it", async (t) => {
  const page = await open(t);
  let address, flow;
  page.on("request", (request) => {
    if (request.url().includes("/auth/oidc/callback?")) address = request.url();
  });
  await start(page);
  await page.locator("input[name=login]").waitFor();
  flow = (await page.context().cookies(`${server.origin}/api/v1/auth/oidc`)).find(({ name }) => name.includes("flow"));
  assert.ok(flow.httpOnly && flow.sameSite === "Lax", JSON.stringify(flow));
  await signInAtProvider(page, person("kim"));
  await isIn(page);

  const other = await open(t);
  await other.goto(address);
  await said(other, "was not begun in this browser");
  assert.equal((await me(other)).status, 401);
  // Somebody who has got hold of the cookie as well.
  await other.context().addCookies([flow]);
  await other.goto(address);
  await said(other, "The identity provider has not signed you in.");
  assert.equal((await me(other)).status, 401);
});

/** Signs in at a provider whose ID token is changed, by somebody with this key. */
async function signInSpoilt(t, change, jwk = provider.jwk, header = {}) {
  const page = await open(t);
  provider.spoil = (answer) => ({
    ...answer,
    id_token: signed({ ...claimsOf(answer.id_token), ...change }, jwk, header),
  });
  await signIn(page, person("lea"));
  return page;
}

test("the ID token has to be this sign-in's, ours, and of now", async (t) => {
  await isIn(await signInSpoilt(t, {}));
  const past = Math.floor(Date.now() / 1000) - 3600;
  for (const change of [{ nonce: "another" }, { nonce: undefined }, { aud: "another" }, { iss: "http://localhost:1" }, { exp: past }]) {
    const page = await signInSpoilt(t, change);
    await said(page, "The identity provider has not signed you in.");
    assert.equal((await me(page)).status, 401, JSON.stringify(change));
  }
});

test("a token that another key has signed, or none, signs nobody in", async (t) => {
  const { jwk: theirs } = provider;
  const stranger = await IdentityProvider.listen();
  t.after(() => stranger.stop());
  stranger.serve(server.origin);
  for (const [jwk, header] of [
    [{ ...stranger.jwk, kid: theirs.kid }, {}],
    [stranger.jwk, {}],
    [theirs, { alg: "none" }],
    [theirs, { alg: "HS256" }],
  ]) {
    const page = await signInSpoilt(t, {}, jwk, header);
    await said(page, "The identity provider has not signed you in.");
    assert.equal((await me(page)).status, 401);
  }
});

test("a provider that changes its key is believed again soon", async (t) => {
  await signedIn(t, "mia");
  provider.serve(server.origin);
  await until("the new key", async () => {
    const page = await open(t);
    await signIn(page, person("mia"));
    await Promise.race([isIn(page), page.getByRole("alert").waitFor()]);
    return (await me(page)).status === 200;
  });
});

test("while the provider is down the page says so, and passwords still sign in", async (t) => {
  const before = await signedIn(t, "nora");
  const { stdout } = await server.run(["user", "add", "otto"]);
  const local = await browser.open(stdout.trim());
  t.after(() => local.context().close());
  await isIn(local);
  const set = await local.evaluate(async (password) => {
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ new: password });
    return (await fetch("/api/v1/auth/password", { method: "PUT", headers, body })).status;
  }, PASSWORD);
  assert.equal(set, 204);

  await provider.down();
  t.after(() => provider.server.listening || provider.up());
  const other = await open(t, "/", { colorScheme: "dark" });
  const told = other.getByRole("alert").filter({ hasText: "The identity provider cannot be reached." });
  // It is taken to be there for the moment after it was.
  await until("the page says so", async () => {
    await other.goto(`${server.origin}/`);
    await start(other);
    return told.waitFor({ timeout: 3000 }).then(() => true, () => false);
  });
  await assertNoFaults(other, "the provider is down");
  assert.equal((await meAnew(before)).status, 200, "nobody is signed out for that");
  await other.getByLabel("Name").fill("otto");
  await other.getByLabel("Password").fill(PASSWORD);
  await other.getByRole("button", { name: "Sign in", exact: true }).click();
  await isIn(other);
  await provider.up();
});

test("a provider that was never there is told on a page that still signs in otherwise", async (t) => {
  const folder = await temporaryFolder(t);
  const gone = await IdentityProvider.listen();
  const args = await gone.args(folder);
  await gone.stop();
  const lonely = await Server.start({ args });
  t.after(() => lonely.stop());
  const page = await browser.open(`${lonely.origin}/`, { colorScheme: "light" });
  t.after(() => page.context().close());
  await start(page);
  await said(page, "The identity provider cannot be reached. Try again later, or sign in another way.");
  await assertNoFaults(page, "the provider is down");
  assert.ok(!page.url().includes("signin-problem"), page.url());
  await page.goto(await lonely.link());
  await isIn(page);
});

test("a provider on this machine is not called unless its network is allowed", async (t) => {
  const folder = await temporaryFolder(t);
  const inside = await IdentityProvider.listen();
  t.after(() => inside.stop());
  const careful = await Server.start({ args: await inside.args(folder, { allow: null }) });
  t.after(() => careful.stop());
  inside.serve(careful.origin);
  const page = await browser.open(`${careful.origin}/`);
  t.after(() => page.context().close());
  await start(page);
  await said(page, "The identity provider cannot be reached.");
  assert.deepEqual(inside.requests, {});
});

test("where only known people may come, somebody new is not let in", async (t) => {
  const folder = await temporaryFolder(t);
  const closed = await Server.start({ args: await provider.args(folder, { more: ["--oidc-no-new-users"] }) });
  t.after(() => closed.stop());
  const { desk } = provider;
  t.after(() => provider.serve(desk));
  provider.serve(closed.origin);
  const page = await browser.open(`${closed.origin}/`);
  t.after(() => page.context().close());
  await signIn(page, person("pia"));
  await said(page, "The identity provider knows you, but you have no access here.");
});
