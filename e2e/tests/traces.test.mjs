// One trace from a request to the first frame, over all processes, at a collector of OpenTelemetry.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, untilPicture } from "../harness/browser.mjs";
import { Collector } from "../harness/collector.mjs";
import { Server } from "../harness/server.mjs";
import { until } from "../harness/wait.mjs";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER = "00f067aa0ba902b7";
const TRACEPARENT = `00-${TRACE}-${CALLER}-01`;

let browser;
before(async () => {
  browser = await Browser.launch();
});
after(() => browser?.close());

async function startSession(server) {
  const response = await fetch(`${server.origin}/api/v1/sessions`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${server.key.apiKey}`,
      "content-type": "application/json",
      traceparent: TRACEPARENT,
    },
    body: JSON.stringify({ template: "xterm" }),
  });
  assert.equal(response.status, 201);
  return (await response.json()).metadata.name;
}

/** Opens a session in the browser, whose requests are of the trace; gives the secrets that went by. */
async function openSession(server, session) {
  const secrets = [server.key.apiKey];
  const prepare = async (page) => {
    await page.setExtraHTTPHeaders({ traceparent: TRACEPARENT });
    page.on("response", async (response) => {
      if (!response.url().endsWith("/connect")) return;
      secrets.push((await response.json()).token);
    });
  };
  const page = await browser.open(await server.link(`/session/${session}`), { prepare });
  await untilPicture(page);
  for (const { value } of await page.context().cookies()) secrets.push(value);
  await page.context().close();
  return secrets;
}

test("one trace holds the API, the supervisor, the gateway and the streamer", async (t) => {
  const collector = await Collector.start();
  t.after(() => collector.stop());
  const server = await Server.start({ args: ["--otlp-endpoint", collector.address] });
  t.after(() => server.stop());
  const session = await startSession(server);
  const secrets = await openSession(server, session);

  const found = (name) => collector.spans.find((span) => span.name === name);
  await until("the last span", () => found("show session") && found("start session") && found("join session"));
  for (const span of collector.spans) {
    assert.equal(span.traceId, TRACE);
    assert.ok(span.start <= span.end, span.name);
  }
  const order = [
    ["POST /api/v1/sessions", null, "streamspace"],
    ["start session", "POST /api/v1/sessions", "streamspace-supervisor"],
    ["start display", "start session", "streamspace-supervisor"],
    ["start streamer", "start session", "streamspace-supervisor"],
    ["POST /api/v1/sessions/{id}/connect", null, "streamspace"],
    ["join session", "POST /api/v1/sessions/{id}/connect", "streamspace"],
    ["show session", "join session", "streamspace-streamer"],
    ["connect viewer", "show session", "streamspace-streamer"],
    ["send first frame", "show session", "streamspace-streamer"],
  ];
  for (const [name, above, service] of order) {
    const span = found(name);
    assert.ok(span, `${name} among ${collector.spans.map((span) => span.name)}`);
    assert.equal(span.service, service, name);
    const parent = above && found(above);
    assert.equal(span.parentSpanId, parent?.spanId ?? CALLER, name);
    if (parent) assert.ok(parent.start <= span.start, `${name} begins in ${above}`);
  }
  assert.ok(found("start display").end <= found("start streamer").start);
  assert.ok(found("connect viewer").end <= found("send first frame").start);
  assert.deepEqual(found("POST /api/v1/sessions").attributes, {
    "http.request.method": "POST",
    "http.route": "/api/v1/sessions",
    "http.response.status_code": "201",
  });

  assert.ok(secrets.length >= 3, "a key, a cookie and a join token");
  for (const secret of [...secrets, session]) {
    assert.ok(!collector.received.includes(secret), "a secret or a name was exported");
  }
});

test("with a collector that is away a session starts and shows its picture", async (t) => {
  const collector = await Collector.start();
  const { address } = collector;
  await collector.stop();
  const server = await Server.start({ args: ["--otlp-endpoint", address] });
  t.after(() => server.stop());
  await openSession(server, await startSession(server));
  await until("word of what is lost", () => server.process.stderr.includes("spans did not reach the collector"));
});
