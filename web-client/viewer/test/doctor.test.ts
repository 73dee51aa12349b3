import assert from "node:assert/strict";
import test from "node:test";
import {
  Examination,
  addressOf,
  candidatePlace,
  hopName,
  keepCandidates,
  type Finding,
  type Hop,
  type Result,
} from "../src/core/doctor.js";
import { viewerLanguage } from "../src/core/texts.js";

const ORIGIN = "https://desk.example";
const STUN = { urls: ["stun:stun.example"] };
const TURN = { urls: ["turn:turn.example:3478?transport=tcp"], username: "u", credential: "c" };
const english = viewerLanguage(["en"]);

/** Examines a way on which these hops are closed; says the verdict. */
function verdictOf(closed: string[], servers = [STUN, TURN], more: Partial<Finding> = {}): string {
  const examination = new Examination(ORIGIN);
  for (let hops = examination.next(); hops.length > 0; hops = examination.next()) {
    if (hops[0]?.type === "streamer") examination.learn(servers);
    examination.found(
      hops.map((hop) => finding(hop, closed.includes(hop.type) ? "closed" : "open", more)),
    );
  }
  return examination
    .verdict()
    .map((word) => english.say(word))
    .join(" ");
}

function finding(hop: Hop, result: Result, more: Partial<Finding>): Finding {
  const targets = hop.type === "udp" ? ["192.0.2.1:40000"] : [];
  return { hop, result, targets, ...(result === "closed" ? more : {}) };
}

test("hops that others need are tested first, and the rest side by side", () => {
  const examination = new Examination(ORIGIN);
  const seen: string[][] = [];
  for (let hops = examination.next(); hops.length > 0; hops = examination.next()) {
    seen.push(hops.map(({ type }) => type));
    if (hops[0]?.type === "streamer") examination.learn([STUN, TURN]);
    examination.found(hops.map((hop) => finding(hop, "open", {})));
  }
  assert.deepEqual(seen, [["server"], ["websocket"], ["streamer"], ["udp", "tcp", "stun", "turn"]]);
});

test("after a hop that all others need nothing more is tested", () => {
  for (const type of ["server", "websocket", "streamer"]) {
    const examination = new Examination(ORIGIN);
    let count = 0;
    for (let hops = examination.next(); hops.length > 0; hops = examination.next()) {
      count += 1;
      examination.found(hops.map((hop) => finding(hop, hop.type === type ? "closed" : "open", {})));
    }
    assert.equal(count, ["server", "websocket", "streamer"].indexOf(type) + 1);
  }
});

test("the verdict names the blocked hop and what to open", () => {
  const cases: [string[], RegExp][] = [
    [["server"], /server does not answer.*https:\/\/desk\.example/],
    [["websocket"], /blocks WebSockets.*https:\/\/desk\.example/],
    [["streamer"], /streamer does not answer/],
    [[], /^Nothing is in the way/],
    [["udp"], /UDP is blocked.*TCP.*Open UDP to 192\.0\.2\.1:40000/],
    [["udp", "tcp"], /relay turn\.example:3478.*Open UDP, or at least TCP, to 192\.0\.2\.1:40000/],
    [["udp", "tcp", "turn"], /Neither UDP nor TCP.*relay turn\.example:3478.*Open TCP to it/],
    [["stun"], /^Nothing.*STUN server stun\.example:3478 does not answer/],
  ];
  for (const [closed, expected] of cases) assert.match(verdictOf(closed), expected);
});

test("without any relay the verdict says that one helps, and only where one is needed", () => {
  assert.match(verdictOf(["udp", "tcp"], []), /TURN server helps.*--ice-servers/);
  assert.doesNotMatch(verdictOf(["udp"], []), /TURN/);
});

test("a session that refuses is told in its own words", () => {
  assert.match(
    verdictOf(["websocket"], [], { reason: "Not yours." }),
    /takes no connection: Not yours/,
  );
});

test("servers are named by host and port, also where the address has none", () => {
  const address = (url: string) => addressOf({ type: "turn", url, server: { urls: [url] } });
  assert.equal(address("turn:a.example?transport=udp"), "a.example:3478");
  assert.equal(address("turns:a.example"), "a.example:5349");
  assert.equal(address("turn:192.0.2.1:99"), "192.0.2.1:99");
  assert.equal(address("turn:[2001:db8::1]:99"), "[2001:db8::1]:99");
  const relay: Hop = { type: "turn", url: "turn:a.example", server: { urls: [] } };
  assert.equal(english.say(hopName(relay)), "Relay a.example:3478");
});

test("candidates tell their transport and place, whatever form they come in", () => {
  const udp = "candidate:1 1 udp 2130706431 192.0.2.1 40000 typ host";
  assert.deepEqual(candidatePlace(udp), { transport: "udp", place: "192.0.2.1:40000" });
  const tcp = "a=candidate:1 1 TCP 1 2001:db8::1 99 typ host tcptype passive";
  assert.deepEqual(candidatePlace(tcp), { transport: "tcp", place: "[2001:db8::1]:99" });
  assert.equal(candidatePlace("candidate:1 1 tcp 1 192.0.2.1 9 typ host tcptype active"), null);
  assert.equal(candidatePlace(""), null);
  const kept = keepCandidates(`v=0\r\na=${udp}\r\n${tcp}\r\n`, (line) => line.includes("udp"));
  assert.equal(kept, `v=0\r\na=${udp}\r\n`);
});
