// Several people in one session: links, roles, pointers, the chat. Guests have a browser and no account.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { assertNoFaults } from "../harness/accessibility.mjs";
import { callApi } from "../harness/desk.mjs";
import { Browser, onPage, type, untilPicture, untilState } from "../harness/browser.mjs";
import {
  actOn,
  actOnOneself,
  chatLines,
  chatPanel,
  joinByLink,
  makeLink,
  people,
  peoplePanel,
  say,
  untilRoles,
} from "../harness/people.mjs";
import { inside } from "../harness/machine.mjs";
import { Server, temporaryFolder } from "../harness/server.mjs";
import { Fingers, PHONE } from "../harness/touch.mjs";
import { until } from "../harness/wait.mjs";

let server, browser;
before(async () => ([server, browser] = await Promise.all([Server.start(), Browser.launch()])));
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** A session whose owner, "admin", sees it; what is typed lies in `typed` with the next line end. */
async function open(t, settings) {
  const folder = await temporaryFolder(t);
  const file = join(folder, "typed");
  const session = await server.session(["xterm", "-e", "sh", "-c", `cat >${file}`], { cwd: folder });
  const owner = await browser.open(session.address, settings);
  t.after(() => owner.context().close());
  await untilPicture(owner);
  await until("the shell", () => existsSync(file));
  await untilRoles(owner, { admin: "own" });
  const typed = async () => (await readFile(file, "utf8")).trim();
  return { session, owner, typed };
}

async function guest(t, link, name, settings) {
  const page = await joinByLink(browser, link, name, settings);
  t.after(() => page.context().close());
  return page;
}

/** Types a line; whether it arrives is another matter. */
async function typeLine(page, text) {
  await type(page, text);
  await page.keyboard.press("Enter");
}

const status = (page) => page.locator("streamspace-viewer").locator(".status .text").textContent();

test("a guest by link watches, asks for control, is given it, types, and cannot type once it is taken back", async (t) => {
  const { owner, typed } = await open(t);
  const bob = await guest(t, await makeLink(owner, "view", "for Bob"), "Bob");
  await untilRoles(owner, { admin: "own", Bob: "view" });
  const guests = (await people(owner)).filter(({ guest }) => guest);
  assert.deepEqual(guests.map(({ name }) => name), ["Bob"], "names are free, so guests are marked");
  await typeLine(bob, "early");

  await actOnOneself(bob, "ask");
  await actOn(owner, "Bob", "give");
  await untilRoles(bob, { admin: "own", Bob: "control" });
  await typeLine(bob, "given");
  await until("what Bob typed", async () => (await typed()) === "given");

  await actOn(owner, "Bob", "takeBack");
  await untilRoles(bob, { admin: "own", Bob: "view" });
  await typeLine(bob, "late");
  await typeLine(owner, "own");
  await until("what the owner typed", async () => (await typed()).endsWith("own"));
  assert.equal(await typed(), "given\nown");
});

test("an owner gives control where the request is shown, or refuses it", async (t) => {
  const { owner } = await open(t);
  const bob = await guest(t, await makeLink(owner, "view"), "Bob");
  await actOnOneself(bob, "ask");
  await actOn(owner, "Bob", "refuse");
  const notices = (page) => page.locator("streamspace-viewer").locator(".notices");
  await until("the refusal", async () => /not given/.test(await notices(bob).textContent()));
  const carol = await guest(t, await makeLink(owner, "view"), "Carol");
  await actOnOneself(carol, "ask");
  const offer = notices(owner).getByText("Carol asks for control.");
  await offer.waitFor();
  await notices(owner).getByRole("button", { name: "Give control" }).click();
  await untilRoles(carol, { admin: "own", Bob: "view", Carol: "control" });
});

test("a session is handed over, and stays so when either comes back", async (t) => {
  const { owner, typed } = await open(t);
  const bob = await guest(t, await makeLink(owner, "view"), "Bob");
  await actOn(owner, "Bob", "handOver");
  const handedOver = { admin: "control", Bob: "own" };
  await untilRoles(bob, handedOver);
  for (const page of [owner, bob]) {
    await page.evaluate(() => document.querySelector("streamspace-viewer").connect());
    await untilPicture(page);
    await untilRoles(page, handedOver);
  }
  await actOn(bob, "admin", "takeBack");
  await untilRoles(owner, { admin: "view", Bob: "own" });
  await typeLine(owner, "late");
  await typeLine(bob, "mine");
  await until("what Bob typed", async () => (await typed()).endsWith("mine"));
  assert.equal(await typed(), "mine");
});

test("a link with the role own gives all of it, also after a reload", async (t) => {
  const { owner } = await open(t);
  const bob = await guest(t, await makeLink(owner, "own"), "Bob");
  await untilRoles(bob, { admin: "own", Bob: "own" });
  await bob.reload();
  assert.equal(await bob.locator(".name-form input").inputValue(), "Bob", "the name is remembered");
  await bob.locator(".name-form button").click();
  await untilPicture(bob);
  await untilRoles(bob, { admin: "own", Bob: "own" });
  const carol = await guest(t, await makeLink(owner, "view"), "Carol");
  await actOn(bob, "Carol", "give");
  await untilRoles(carol, { admin: "own", Bob: "own", Carol: "control" });
});

test("who is removed has to go, is told so, and does not come back by the link", async (t) => {
  const { owner } = await open(t);
  const link = await makeLink(owner, "control");
  const bob = await guest(t, link, "Bob");
  await actOn(owner, "Bob", "remove");
  await untilState(bob, "ended");
  assert.match(await status(bob), /removed you/);
  await untilRoles(owner, { admin: "own" });
  const again = await browser.open(link);
  t.after(() => again.context().close());
  await again.locator(".name-form input").fill("Bobby");
  await again.locator(".name-form button").click();
  await untilState(again, "ended");
  assert.deepEqual((await people(owner)).map(({ name }) => name), ["admin"]);
});

test("a link that is withdrawn ends its guests, over WebRTC and VNC, and lets nobody in", async (t) => {
  const { owner } = await open(t);
  const link = await makeLink(owner, "view", "for two");
  const bob = await guest(t, link, "Bob");
  const carol = await guest(t, link, "Carol");
  await carol.evaluate(() => document.querySelector("streamspace-viewer").setAttribute("path", "vnc"));
  await untilState(carol, "vnc");
  await until("Carol by VNC", async () => {
    const here = await people(owner);
    return here.some(({ name, path }) => name === "Carol" && path === "vnc");
  });
  const panel = await peoplePanel(owner);
  await panel.getByRole("button", { name: "Withdraw the link: for two" }).click();
  for (const page of [bob, carol]) {
    await untilState(page, "ended");
    assert.match(await status(page), /withdrawn/);
  }
  await untilRoles(owner, { admin: "own" });
  await bob.reload();
  await bob.locator(".name-form button").click();
  await untilState(bob, "ended");
  assert.match(await status(bob), /not valid or was withdrawn/);
});

test("over VNC a guest does what their role allows now, not what the link once said", async (t) => {
  const { owner, typed } = await open(t);
  const bob = await guest(t, await makeLink(owner, "control"), "Bob");
  await bob.evaluate(() => document.querySelector("streamspace-viewer").setAttribute("path", "vnc"));
  await untilState(bob, "vnc");
  await typeLine(bob, "first");
  await until("what Bob typed", async () => (await typed()) === "first");
  await actOn(owner, "Bob", "takeBack");
  await until("Bob's new connection", async () => {
    const bobs = (await people(owner)).filter(({ name }) => name === "Bob");
    return bobs.length === 1 && bobs[0].path === "vnc" && bobs[0].role === "view";
  });
  await untilState(bob, "vnc");
  await typeLine(bob, "late");
  await typeLine(owner, "own");
  await until("what the owner typed", async () => (await typed()).endsWith("own"));
  assert.equal(await typed(), "first\nown");
});

test("a link from the command line opens the session too, and ends with it", async (t) => {
  const { owner, session } = await open(t);
  const id = new URL(session.address).pathname.split("/").at(-1);
  const share = (...args) => server.run(["session", "share", id, ...args]);
  const { stdout } = await share("--role", "control", "--for", "2h", "--label", "Bob", "--json");
  const { address, share: made } = JSON.parse(stdout);
  assert.deepEqual([made.role, made.label], ["control", "Bob"]);
  assert.equal(made.expiresUnixMs - made.createdUnixMs, 2 * 3600 * 1000);
  const bob = await guest(t, address, "Bob");
  await untilRoles(owner, { admin: "own", Bob: "control" });
  const bad = await share("--role", "everything");
  assert.match(bad.stderr, /a role is view, control or own/);
  await server.run(["session", "stop", id]);
  await untilState(bob, "ended");
  await bob.reload();
  await bob.locator(".name-form button").click();
  await untilState(bob, "ended");
  assert.match(await status(bob), /not valid or was withdrawn/);
});

test("guests get the session and nothing else of the API", async (t) => {
  const { owner, session } = await open(t);
  const bob = await guest(t, await makeLink(owner, "own"), "Bob");
  const id = new URL(session.address).pathname.split("/").at(-1);
  const asked = [
    ["GET", "/api/v1/sessions"],
    ["GET", `/api/v1/sessions/${id}`],
    ["POST", `/api/v1/sessions/${id}/connect`],
    ["GET", `/api/v1/sessions/${id}/shares`],
    ["POST", `/api/v1/sessions/${id}/shares`],
    ["DELETE", `/api/v1/sessions/${id}`],
    ["GET", "/api/v1/auth/me"],
  ];
  for (const [method, path] of asked) {
    const answered = await bob.evaluate(
      ([method, path]) =>
        fetch(path, {
          method,
          ...(method === "GET" ? {} : { body: "{}", headers: { "content-type": "application/json" } }),
        }).then(({ status }) => status),
      [method, path],
    );
    assert.equal(answered, 401, `${method} ${path}`);
  }
  assert.equal(await (await peoplePanel(bob)).locator(".share").isVisible(), false);
});

test("everyone sees where the others point, by name, also those who only watch", async (t) => {
  const { owner } = await open(t);
  const bob = await guest(t, await makeLink(owner, "view"), "Bob", { width: 900, height: 700 });
  const pointer = (page) => page.locator("streamspace-viewer").locator(".other");
  const isNear = async (page, name, x, y) => {
    const { x: left, y: top } = await onPage(page, x, y);
    const [seen] = await pointer(page).evaluateAll((drawn) =>
      drawn.map((each) => {
        const { m41, m42 } = new DOMMatrix(getComputedStyle(each).transform);
        const { left, top } = each.parentElement.getBoundingClientRect();
        return { name: each.querySelector("bdi").textContent, left: left + m41, top: top + m42 };
      }),
    );
    return seen?.name === name && Math.hypot(seen.left - left, seen.top - top) < 3;
  };
  for (const [from, to, name] of [
    [owner, bob, "admin"],
    [bob, owner, "Bob"],
  ]) {
    const place = await onPage(from, 320, 200);
    await until(`${name}'s pointer`, async () => {
      await from.mouse.move(place.x + 1, place.y);
      await from.mouse.move(place.x, place.y);
      return isNear(to, name, 320, 200);
    });
  }
  assert.equal(await pointer(bob).count(), 1, "nobody sees their own twice");
  await until("pointers that rest to go", async () => (await pointer(bob).count()) === 0);
});

test("what is written in the chat is read by all, counted until it is, and never more than text", async (t) => {
  const { owner } = await open(t);
  const bob = await guest(t, await makeLink(owner, "view"), "Bob");
  const line = "<img src=x onerror=alert(1)> &amp; مرحبا";
  await say(bob, line);
  const button = owner.locator("streamspace-viewer").locator(".toolbar [data-icon=chat]");
  await until("one unread line", async () => (await button.getAttribute("aria-label")) === "Chat: 1 new line");
  assert.equal(await button.getAttribute("data-badge"), "1");
  const announced = owner.locator("streamspace-viewer").locator(".notices[role=log]");
  await until("the line to be read out", async () => (await announced.textContent()).includes(line));
  assert.deepEqual(await chatLines(owner), [`Bob: ${line}`]);
  assert.equal(await button.getAttribute("aria-label"), "Chat");
  const carol = await guest(t, await makeLink(owner, "view"), "Carol");
  await until("the line from before", async () => (await chatLines(carol)).length === 1);
  await say(carol, "hello");
  await until("the answer", async () => (await chatLines(bob)).join("|") === `Bob: ${line}|Carol: hello`);
  assert.equal(await (await chatPanel(bob)).locator("img").count(), 0);
});

test("who writes on and on is stopped, and the others are not disturbed", async (t) => {
  const { owner } = await open(t);
  const bob = await guest(t, await makeLink(owner, "view"), "Bob");
  for (let n = 0; n < 12; n++) await say(bob, `line ${n}`);
  const notices = bob.locator("streamspace-viewer").locator(".notices");
  await until("the word to slow down", async () => /was not sent/.test(await notices.textContent()));
  assert.ok((await chatLines(owner)).length < 12);
});

test("the page around a viewer learns who is here, and can give a name", async (t) => {
  const { owner, session } = await open(t);
  const page = await browser.open(await server.link(new URL(session.address).pathname));
  t.after(() => page.context().close());
  await untilPicture(page);
  await page.evaluate(() => {
    const viewer = document.querySelector("streamspace-viewer");
    globalThis.told = [];
    viewer.addEventListener("streamspace-people", ({ detail }) => globalThis.told.push(detail));
    viewer.setAttribute("name", "Ada \u202eLovelace");
    viewer.connect();
  });
  await untilRoles(owner, { admin: "own", "Ada Lovelace": "own" });
  const last = await until("the event", () =>
    page.evaluate(() => globalThis.told.findLast(({ people }) => people.length === 2)),
  );
  assert.equal(last.people.find(({ viewer }) => viewer === last.you).name, "Ada Lovelace");
});

for (const [where, settings] of [
  ["on a desktop", { colorScheme: "dark" }],
  ["on a phone, from right to left", { ...PHONE, locale: "ar", colorScheme: "light" }],
]) {
  test(`the panels of people and chat are clean ${where}, and work by keyboard`, async (t) => {
    const { owner } = await open(t, settings);
    const bob = await guest(t, await makeLink(owner, "view", "Bob"), "Bob");
    await actOnOneself(bob, "ask");
    await until("the request", async () => (await people(owner)).some(({ asks }) => asks));
    await assertNoFaults(owner, "people");
    await say(owner, "hello");
    await chatLines(owner);
    await assertNoFaults(owner, "chat");
    await owner.keyboard.press("Escape");
    const panel = owner.locator("streamspace-viewer").locator(".chat-panel");
    assert.equal(await panel.isVisible(), false);
    const focused = () => owner.evaluate(() => document.querySelector("streamspace-viewer").shadowRoot.activeElement?.closest(".toolbar") !== null);
    assert.ok(await focused(), "the focus is on the toolbar");
  });
}

/** A link with this role that is good for so many seconds, from the API. */
async function linkFor(session, role, expiresInS) {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ role, expiresInS });
  const answer = await callApi(server, `/sessions/${session.session}/shares`, { method: "POST", headers, body });
  assert.equal(answer.status, 201, await answer.clone().text());
  const { secret } = await answer.json();
  return `${server.origin}/session/${session.session}#share=${secret}`;
}

test("a link past its time sends its guest away, and lets nobody in, with a clear word", async (t) => {
  const { session, owner } = await open(t);
  const link = await linkFor(session, "view", 12);
  const early = await guest(t, link, "Early");
  await untilRoles(owner, { admin: "own", Early: "view" });
  await untilState(early, "ended");
  assert.match(await status(early), /time of (this|the) link .*is over/);
  await untilRoles(owner, { admin: "own" });
  const late = await browser.open(link);
  t.after(() => late.context().close());
  await late.locator(".name-form input").fill("Late");
  await late.locator(".name-form button").click();
  await untilState(late, "ended");
  assert.match(await status(late), /time of (this|the) link .*is over/);
});

test("a guest who has control is told why there are no files", async (t) => {
  const { owner } = await open(t);
  const ann = await guest(t, await makeLink(owner, "control"), "Ann");
  const files = ann.locator("streamspace-viewer").getByRole("button", { name: "Files" });
  await files.dispatchEvent("click");
  await until("the word", async () => {
    const said = await ann.locator("streamspace-viewer").getByRole("log").allTextContents();
    return said.join(" ").includes("Files are for people who have an account here.");
  });
  const watcher = await guest(t, await makeLink(owner, "view"), "Bob");
  assert.equal(await watcher.locator("streamspace-viewer").getByRole("button", { name: "Files" }).count(), 0);
});

test("who only watches comes near with two fingers, and the session learns nothing of it", async (t) => {
  const { session, owner } = await open(t);
  const ann = await guest(t, await makeLink(owner, "view"), "Ann", PHONE);
  const picture = () =>
    ann.evaluate(() => {
      const { x, y, width, height } = document.querySelector("streamspace-viewer").picture.getBoundingClientRect();
      return { x, y, width, height };
    });
  const pointer = async () => inside(session, "xdotool", ["getmouselocation"]);
  const [before, still] = [await picture(), await pointer()];
  const fingers = await Fingers.on(ann);
  const middle = { x: PHONE.width / 2, y: PHONE.height / 2 };
  const spread = (gap) => [{ x: middle.x - gap, y: middle.y }, { x: middle.x + gap, y: middle.y }];
  await fingers.swipe(spread(30), spread(120));
  const near = await until("a larger picture", async () => {
    const now = await picture();
    return now.width > before.width * 2 && now;
  });
  await fingers.swipe([middle], [{ x: middle.x + 60, y: middle.y }]);
  await until("another part of it", async () => Math.abs((await picture()).x - near.x - 60) < 2);
  await ann.locator("streamspace-viewer").getByRole("button", { name: "Show the whole desktop" }).dispatchEvent("click");
  await until("all of it", async () => (await picture()).width === before.width);
  assert.equal(await pointer(), still);
});

test("roles and the chat outlive a streamer that crashes, and so does a removal", async (t) => {
  const { session, owner, typed } = await open(t);
  const link = await makeLink(owner, "view");
  const ann = await guest(t, link, "Ann");
  const bob = await guest(t, link, "Bob");
  await actOn(owner, "Ann", "give");
  await untilRoles(owner, { admin: "own", Ann: "control", Bob: "view" });
  await actOn(owner, "Bob", "remove");
  await untilState(bob, "ended");
  await say(ann, "before the crash");
  await until("the line", async () => (await chatLines(owner)).includes("Ann: before the crash"));
  process.kill(session.processes.streamer, "SIGKILL");
  for (const page of [owner, ann]) await untilState(page, "reconnecting", "connecting-webrtc");
  for (const page of [owner, ann]) await untilPicture(page);
  await untilRoles(owner, { admin: "own", Ann: "control" });
  await typeLine(ann, "after the crash");
  await until("what Ann types", async () => (await typed()) === "after the crash");
  await until("the line, once", async () => String(await chatLines(owner)) === "Ann: before the crash");
  await bob.reload();
  await bob.locator(".name-form button").click();
  await untilState(bob, "ended");
});
