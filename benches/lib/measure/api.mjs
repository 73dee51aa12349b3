// How many requests the API answers, and what they cost, with either database beneath it.

import { writeFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { temporaryFolder } from "../cleanup.mjs";
import { sessionOf, startServer } from "../peers/streamspace.mjs";
import { cpuSeconds } from "../proc.mjs";
import { startPostgres } from "../postgres.mjs";

/** Of the messages between browsers and the server. */
const PROTOCOL_VERSION = 1;
/** Requests under way at the same time. */
const AT_ONCE = 8;

/** `[{ store, reads, lists, writes, joins }]`, each `{ perSecond, perCore }`. */
export async function measureApi({ apiSeconds }, log) {
  const entries = [];
  for (const store of ["SQLite", "PostgreSQL"]) {
    log(`API on ${store}`);
    entries.push({ store, ...(await withStore(store, (env) => measureStore(env, apiSeconds))) });
  }
  return entries;
}

async function withStore(store, work) {
  const env = { STREAMSPACE_REQUESTS_PER_SECOND: "100000" };
  if (store === "SQLite") return work(env);
  const postgres = await startPostgres();
  try {
    const file = join((await temporaryFolder()).path, "url");
    await writeFile(file, postgres.url);
    return await work({ ...env, STREAMSPACE_DATABASE_URL_FILE: file });
  } finally {
    postgres.stop();
  }
}

async function measureStore(env, seconds) {
  const server = await startServer("127.0.0.1", 0, env);
  try {
    const { address } = await sessionOf(server, { size: { width: 640, height: 480 }, fps: 30 });
    const id = new URL(address).pathname.split("/").pop();
    const ask = asker(server);
    const pid = server.process.pid;
    const session = `/api/v1/sessions/${id}`;
    const change = (count) => ask("PATCH", session, { tags: [`round-${count}`] });
    return {
      reads: await rate(pid, seconds, () => ask("GET", session)),
      lists: await rate(pid, seconds, () => ask("GET", "/api/v1/sessions")),
      writes: await rate(pid, seconds, change),
      joins: await rate(pid, seconds, () => joinSession(server, ask, session)),
    };
  } finally {
    await server.stop();
  }
}

/** Sends a request by connections that are kept; gives the body. */
function asker(server) {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const headers = { authorization: `Bearer ${server.key.apiKey}`, "content-type": "application/json" };
  return (method, path, body) =>
    new Promise((done, failed) => {
      const sent = request(server.origin + path, { method, agent, headers }, (answer) => {
        let text = "";
        answer.on("data", (data) => (text += data));
        answer.on("end", () => (answer.statusCode < 300 ? done(text) : failed(new Error(`${answer.statusCode} ${text}`))));
      });
      sent.on("error", failed);
      sent.end(body && JSON.stringify(body));
    });
}

/** How often `work` is done a second, and a second of one core that the process takes. */
async function rate(pid, seconds, work) {
  let count = 0;
  const [began, before] = [performance.now(), await cpuSeconds(pid)];
  const until = began + 1000 * seconds;
  const worker = async () => {
    while (performance.now() < until) await work(count++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const [took, cpu] = [(performance.now() - began) / 1000, (await cpuSeconds(pid)) - before];
  return { perSecond: count / took, perCore: count / cpu };
}

/** Asks to connect, and goes by WebSocket as far as the streamer's welcome. */
async function joinSession(server, ask, session) {
  const { token, signalPath } = JSON.parse(await ask("POST", `${session}/connect`, { role: "view" }));
  const headers = {
    connection: "Upgrade",
    upgrade: "websocket",
    origin: server.origin,
    "sec-websocket-version": "13",
    "sec-websocket-key": randomBytes(16).toString("base64"),
  };
  await new Promise((done, failed) => {
    const sent = request(server.origin + signalPath, { headers });
    sent.on("response", ({ statusCode }) => failed(new Error(`no WebSocket: ${statusCode}`)));
    sent.on("error", failed);
    sent.on("upgrade", (_answer, socket) => {
      socket.on("error", failed);
      socket.once("data", (data) => {
        socket.destroy();
        if (data.includes('"welcome"')) done();
        else failed(new Error("no welcome"));
      });
      socket.write(textFrame(JSON.stringify({ version: PROTOCOL_VERSION, token })));
    });
    sent.end();
  });
}

/** A masked text frame (RFC 6455, 5.2). */
function textFrame(text) {
  const [body, mask] = [Buffer.from(text), randomBytes(4)];
  const head = Buffer.from([0x81, 0xfe, body.length >> 8, body.length & 0xff]);
  return Buffer.concat([head, mask, body.map((byte, at) => byte ^ mask[at % 4])]);
}
