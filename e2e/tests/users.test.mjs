// People with an account: how they come in, and whose sessions they see.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, untilPicture } from "../harness/browser.mjs";
import { Server } from "../harness/server.mjs";
import { until } from "../harness/wait.mjs";

let server, browser;
before(async () => ([server, browser] = await Promise.all([Server.start(), Browser.launch()])));
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function user(...args) {
  const { code, stdout, stderr } = await server.run(["user", ...args]);
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

/** What the page's own API calls get, with the cookie that the link brought. */
const ask = (page, method, path, body) =>
  page.evaluate(
    async ([method, path, body]) => {
      const options = body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
      const answer = await fetch(`/api/v1${path}`, { method, ...options });
      const text = await answer.text();
      return { status: answer.status, body: text && JSON.parse(text) };
    },
    [method, path, body],
  );

const names = async (page) => (await ask(page, "GET", "/sessions")).body.items.map(({ metadata }) => metadata.name);

test("a user comes in by the link that the command prints, and sees no session but their own", async (t) => {
  const admins = await server.session(["xterm"]);
  const ada = await browser.open(await user("add", "ada"));
  t.after(() => ada.context().close());
  await until("being signed in", async () => (await ask(ada, "GET", "/auth/me")).body.user === "ada");
  assert.deepEqual(await names(ada), []);

  const started = await ask(ada, "POST", "/sessions", { template: "xterm" });
  assert.equal(started.status, 201);
  const own = started.body.metadata.name;
  await ada.goto(new URL(`/session/${own}`, ada.url()).href);
  await untilPicture(ada);
  assert.deepEqual(await names(ada), [own]);

  const other = await ask(ada, "POST", `/sessions/${admins.session}/connect`, {});
  assert.deepEqual([other.status, other.body.code], [404, "session-not-found"]);
  const users = await ask(ada, "GET", "/users");
  assert.deepEqual([users.status, users.body.code], [403, "forbidden"]);

  const operator = await browser.open(await user("add", "olga", "--role", "operator"));
  t.after(() => operator.context().close());
  await until("being signed in", async () => (await ask(operator, "GET", "/auth/me")).body.user === "olga");
  assert.deepEqual((await names(operator)).sort(), [own, admins.session].sort());
  await operator.goto(new URL(`/session/${own}`, operator.url()).href);
  await untilPicture(operator);
  const { body: join } = await ask(operator, "POST", `/sessions/${own}/connect`, { role: "own" });
  assert.equal(join.role, "view", "operators watch, whatever they ask for");
});

test("a role that is taken away and a user who is removed are out at once", async (t) => {
  const eve = await browser.open(await user("add", "eve"));
  t.after(() => eve.context().close());
  await until("being signed in", async () => (await ask(eve, "GET", "/auth/me")).body.user === "eve");
  await user("role", "eve", "viewer");
  const refused = await ask(eve, "POST", "/sessions", { template: "xterm" });
  assert.deepEqual([refused.status, refused.body.code], [403, "forbidden"]);
  assert.match(await user("list"), /^eve +viewer$/m);

  await user("remove", "eve");
  assert.equal((await ask(eve, "GET", "/auth/me")).status, 401);
  const again = await server.run(["user", "remove", "eve"]);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /no user of this name/);
});
