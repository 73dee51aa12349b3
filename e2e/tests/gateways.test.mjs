// Two gateways of one cluster, behind a balancer that knows nothing: each serves every session, and one
// that is killed is missed by nobody.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Balancer } from "../harness/balancer.mjs";
import { Browser, untilPicture, untilState } from "../harness/browser.mjs";
import { Cluster, definitions } from "../harness/cluster.mjs";
import { callApi } from "../harness/desk.mjs";
import { receivedVideo, watchPeers } from "../harness/peers.mjs";
import { runPod, setStatus } from "../harness/pod.mjs";
import { postgres } from "../harness/postgres.mjs";
import { Server, temporaryFolder } from "../harness/server.mjs";
import { freePort } from "../harness/turn.mjs";
import { until } from "../harness/wait.mjs";

let browser;
let cluster;
before(async () => {
  [browser, cluster] = await Promise.all([Browser.launch(), Cluster.start("api")]);
  await cluster.kubectl(["apply", "--filename", definitions]);
  await cluster.kubectl(["wait", "--for=condition=Established", "--all", "crd", "--timeout=60s"]);
  await cluster.create(template("terminal", { baseImage: "registry.example/terminal:1" }));
});
after(async () => {
  await browser?.close();
  await cluster?.stop();
});

const template = (name, spec) => ({
  apiVersion: "stream.space/v1alpha1",
  kind: "Template",
  metadata: { name },
  spec: { displayName: name, ...spec },
});

/** Two gateways with one database, and the balancer in front of them. */
async function twoGateways(t) {
  const database = await postgres(t);
  const shared = await temporaryFolder(t);
  const balancer = await Balancer.start(t);
  const storage = ["--database-url-file", database, "--accounts-key-file", join(shared, "accounts.key")];
  const args = [...storage, "--name", `127.0.0.1:${balancer.port}`];
  const env = { KUBECONFIG: cluster.kubeconfig };
  // By the port browsers tell servers apart that share a host, so theirs is the same.
  const port = await freePort();
  const gateways = [];
  for (const address of ["127.0.0.1", "127.0.0.2"]) {
    const gateway = await Server.start({ command: "gateway", args, env, address, port });
    t.after(() => gateway.stop());
    gateways.push(gateway);
  }
  balancer.use(...gateways.map(({ origin }) => origin));
  return { gateways, balancer, origin: `http://127.0.0.1:${balancer.port}` };
}

const json = (method, value) => ({
  method,
  headers: { "content-type": "application/json" },
  ...(value && { body: JSON.stringify(value) }),
});

async function create(gateway) {
  const answer = await callApi(gateway, "/sessions", json("POST", { template: "terminal", tags: ["a"] }));
  const text = await answer.text();
  assert.equal(answer.status, 201, text);
  return JSON.parse(text).metadata.name;
}

/** A page of this session, by this gateway. */
async function open(t, { balancer, origin }, session, gateway, settings) {
  const { hash } = new URL(await gateway.link());
  balancer.use(gateway.origin);
  const page = await browser.open(`${origin}/session/${session}${hash}`, settings);
  t.after(() => page.context().close());
  await untilPicture(page);
  await untilState(page, "connected-webrtc");
  return page;
}

/** Beside the peers, which WebSockets a page has opened. */
const WATCH = `
  globalThis.opened = [];
  globalThis.WebSocket = class extends WebSocket {
    constructor(...args) { super(...args); globalThis.opened.push(this); }
  };
  ${watchPeers()}`;
const socketCount = (page) => page.evaluate(() => globalThis.opened.length);
const isSignaling = (page) => page.evaluate(() => globalThis.opened.at(-1).readyState === WebSocket.OPEN);

async function goesOn(page) {
  const before = await receivedVideo(page);
  await until("pictures to come", async () => (await receivedVideo(page)).framesDecoded > before.framesDecoded + 20);
}

/** Prints something new all the time. */
const BUSY = ["xterm", "-e", "sh", "-c", "while :; do date +%N; sleep 0.05; done"];

test("a session's whole life goes through either gateway, and is an object of the cluster", async (t) => {
  const { gateways } = await twoGateways(t);
  const [one, other] = gateways;
  const session = await create(one);
  const object = await cluster.get("session", session);
  assert.deepEqual([object.spec.template, object.spec.state, object.spec.tags], ["terminal", "running", ["a"]]);
  const seen = await (await callApi(other, `/sessions/${session}`)).json();
  assert.equal(seen.status.phase, "Pending");

  const { pod } = await runPod(t, cluster, session);
  await until("the other gateway to hear of it", async () => {
    const { status } = await (await callApi(other, `/sessions/${session}`)).json();
    assert.equal(status.address, undefined, "where the Pod listens is nobody's business");
    return status.phase === "Running";
  });
  const stats = await callApi(other, `/sessions/${session}/stats`);
  assert.deepEqual([stats.status, await stats.json()], [200, { viewers: [] }]);
  const change = await callApi(other, `/sessions/${session}`, json("PATCH", { tags: ["b"] }));
  assert.equal(change.status, 200, await change.text());
  assert.deepEqual((await cluster.get("session", session)).spec.tags, ["b"]);

  // The controller would end the Pod.
  const asleep = callApi(one, `/sessions/${session}/hibernate`, json("PUT"));
  await until("the wish", async () => (await cluster.get("session", session)).spec.state === "hibernated");
  pod.child.kill("SIGTERM");
  assert.equal((await pod.exit).code, 0);
  await setStatus(cluster, session, { phase: "Hibernated", podName: null, address: null });
  assert.equal((await asleep).status, 200);
  assert.equal((await callApi(other, `/sessions/${session}/wake`, json("PUT"))).status, 200);
  assert.equal((await cluster.get("session", session)).spec.state, "running");

  assert.equal((await callApi(other, `/sessions/${session}`, json("DELETE"))).status, 204);
  assert.equal((await callApi(one, `/sessions/${session}`)).status, 404);
  await assert.rejects(cluster.get("session", session), /not found/);
});

test("a gateway that is killed takes no picture away, and its viewers come by the other one", async (t) => {
  const front = await twoGateways(t);
  const [one, other] = front.gateways;
  const session = await create(one);
  const { program } = await runPod(t, cluster, session);
  await program(...BUSY);
  const bereft = await open(t, front, session, one, { script: WATCH });
  const unaware = await open(t, front, session, other, { script: WATCH });
  const sockets = await socketCount(unaware);

  one.process.child.kill("SIGKILL");
  await one.process.exit;
  front.balancer.use(one.origin, other.origin);
  await Promise.all([goesOn(bereft), goesOn(unaware)]);
  await until("the other gateway to take over", async () => (await socketCount(bereft)) > 1 && isSignaling(bereft));
  await goesOn(bereft);
  assert.equal(await bereft.evaluate(() => globalThis.peers.length), 1, "the connection is the same one");
  assert.equal(await socketCount(unaware), sockets, "who came by the other one has noticed nothing");
  for (const page of [bereft, unaware]) await untilState(page, "connected-webrtc");
});

test("a join token is good once, whichever gateway it is shown to, and VNC goes by either", async (t) => {
  const front = await twoGateways(t);
  const [one, other] = front.gateways;
  const session = await create(one);
  const { program } = await runPod(t, cluster, session);
  await program(...BUSY);
  const page = await open(t, front, session, one);
  const join = await (await callApi(one, `/sessions/${session}/connect`, json("POST", {}))).json();
  const said = async (gateway) => {
    front.balancer.use(gateway.origin);
    return page.evaluate(firstWord, join);
  };
  assert.equal((await said(other)).type, "welcome", "the other gateway takes what this one has signed");
  const { type, code } = await said(one);
  assert.deepEqual([type, code], ["error", "token-used"]);

  await page.evaluate(() => document.querySelector("streamspace-viewer").setAttribute("path", "vnc"));
  await untilState(page, "vnc");
});

/** In the page: what a gateway says to this token. */
function firstWord({ signalPath, token }) {
  return new Promise((done) => {
    const socket = new WebSocket(new URL(signalPath, location.href).href.replace(/^http/, "ws"));
    socket.onopen = () => socket.send(JSON.stringify({ version: 1, token }));
    socket.onmessage = ({ data }) => {
      done(JSON.parse(data));
      socket.close();
    };
    socket.onclose = ({ code }) => done({ type: "closed", code });
  });
}

test("templates are objects too: saved by one gateway, seen by the other, with all that they were", async (t) => {
  const { gateways } = await twoGateways(t);
  const [one, other] = gateways;
  const spec = { displayName: "Editor", baseImage: "registry.example/editor:1" };
  const saved = await callApi(one, "/templates", json("POST", { name: "editor", spec }));
  assert.equal(saved.status, 201, await saved.text());
  const found = await until("the other gateway to hear of it", async () => {
    const answer = await callApi(other, "/templates/editor");
    return answer.ok && answer;
  });
  const etag = found.headers.get("etag");
  const next = { ...spec, baseImage: "registry.example/editor:2" };
  const put = (tag) => callApi(other, "/templates/editor", {
    ...json("PUT", next),
    headers: { "content-type": "application/json", "if-match": tag },
  });
  assert.equal((await put(etag)).status, 200);
  assert.equal((await put(etag)).status, 412, "that version is gone");
  assert.equal((await cluster.get("template", "editor")).spec.baseImage, "registry.example/editor:2");
  const versions = await (await callApi(one, "/templates/editor/versions")).json();
  assert.deepEqual(versions.items.map(({ version, savedBy }) => [version, savedBy]), [[2, "admin"], [1, "admin"]]);
  const removed = await callApi(one, "/templates/editor", json("DELETE"));
  assert.equal(removed.status, 204, await removed.text());
  await assert.rejects(cluster.get("template", "editor"), /not found/);
  const after = await (await callApi(one, "/templates/editor/versions")).json();
  assert.deepEqual(after.items.map(({ isRemoval }) => isRemoval), [true, false, false]);
});

test("an object that nobody can read hides no other, and what the schema refuses is said in its words", async (t) => {
  const { gateways: [one] } = await twoGateways(t);
  await cluster.create(template("broken", { baseImage: "" }));
  const catalog = await until("the catalog to have it", async () => {
    const catalog = await (await callApi(one, "/templates")).json();
    return catalog.problems.length > 0 && catalog;
  });
  assert.deepEqual(catalog.problems.map(({ file }) => file), ["broken"]);
  assert.ok(catalog.items.some(({ metadata }) => metadata.name === "terminal"));
  const refused = await callApi(one, "/sessions", json("POST", { template: "none" }));
  assert.equal((await refused.json()).code, "template-not-found");
  const command = await callApi(one, "/sessions", json("POST", { command: ["sh"] }));
  assert.match((await command.json()).detail, /names a template/);
});
