// What stands between a person and the desktop: each hop tested by itself, and what to open.
//
//   server ─▶ websocket ─▶ streamer ─▶ udp, tcp, each STUN server, each TURN server
//
// The first three lead to one another; the rest are tested side by side. Findings go in, words come
// out; how a hop is tested belongs to the caller.

import type { Phrase, Saying } from "./language.js";
import type { IceServer } from "./protocol.js";
import { phrase } from "./texts.js";

export type Hop =
  | { type: "server" | "websocket" | "streamer" | "udp" | "tcp" }
  | { type: "stun" | "turn"; url: string; server: IceServer };

export type Result = "open" | "closed";

export interface Finding {
  hop: Hop;
  result: Result;
  /** Addresses that were tried, as `host:port`. */
  targets: readonly string[];
  /** In the server's words, where it has refused. */
  reason?: Saying;
}

const FIRST: readonly Hop[] = [{ type: "server" }, { type: "websocket" }, { type: "streamer" }];

export class Examination {
  readonly #origin: string;
  #iceServers: readonly IceServer[] = [];
  #findings: Finding[] = [];

  /** `origin`: the server's address, as the page knows it. */
  constructor(origin: string) {
    this.#origin = origin;
  }

  get findings(): readonly Finding[] {
    return this.#findings;
  }

  /** The session has told which servers help to find a way. */
  learn(iceServers: readonly IceServer[]): void {
    this.#iceServers = iceServers;
  }

  /** What to test now, side by side; nothing more once a hop is closed that all others need. */
  next(): readonly Hop[] {
    if (this.#findings.some(({ hop, result }) => isFirst(hop) && result === "closed")) return [];
    const first = FIRST[this.#findings.length];
    if (first) return [first];
    return this.#findings.length === FIRST.length ? this.#ways() : [];
  }

  found(findings: readonly Finding[]): void {
    this.#findings = [...this.#findings, ...findings];
  }

  /** Every hop that there is, tested or not. */
  get hops(): readonly Hop[] {
    return [...FIRST, ...this.#ways()];
  }

  resultOf(hop: Hop): Result | null {
    return this.#findings.find((finding) => isSame(finding.hop, hop))?.result ?? null;
  }

  /** What is wrong and what to do, the most important first. */
  verdict(): Phrase[] {
    const first = this.#findings.find(({ hop, result }) => isFirst(hop) && result === "closed");
    if (first) return [this.#firstVerdict(first)];
    return [this.#wayVerdict(), ...this.#serverVerdicts()];
  }

  #ways(): Hop[] {
    const servers = this.#iceServers.flatMap((server) =>
      server.urls.flatMap((url): Hop[] => {
        const type = /^(stun|turn)s?:/i.exec(url)?.[1]?.toLowerCase();
        return type === "stun" || type === "turn" ? [{ type, url, server }] : [];
      }),
    );
    return [{ type: "udp" }, { type: "tcp" }, ...servers];
  }

  #firstVerdict({ hop, reason }: Finding): Phrase {
    const address = this.#origin;
    if (reason !== undefined) return phrase("doctorRefused", { reason });
    if (hop.type === "server") return phrase("doctorServer", { address });
    if (hop.type === "websocket") return phrase("doctorWebsocket", { address });
    return phrase("doctorStreamer");
  }

  #wayVerdict(): Phrase {
    const targets = this.#targetsOf("udp", "tcp");
    if (this.#isOpen("udp")) return phrase("doctorUdp");
    if (this.#isOpen("tcp")) return phrase("doctorTcp", { targets: this.#targetsOf("udp") });
    const relay = this.#findings.find(
      ({ hop, result }) => hop.type === "turn" && result === "open",
    );
    if (relay) return phrase("doctorTurn", { address: addressOf(relay.hop), targets });
    return phrase("doctorNothing", { targets });
  }

  #serverVerdicts(): Phrase[] {
    const closed = this.#findings.filter(({ result }) => result === "closed");
    const hasRelay = this.#findings.some(({ hop }) => hop.type === "turn");
    const needsRelay = !this.#isOpen("udp") && !this.#isOpen("tcp") && !hasRelay;
    return [
      ...(needsRelay ? [phrase("doctorNoTurn")] : []),
      ...closed.flatMap(({ hop }) => {
        const address = addressOf(hop);
        if (hop.type === "stun") return [phrase("doctorStunClosed", { address })];
        if (hop.type !== "turn") return [];
        return [phrase("doctorTurnClosed", { address, protocol: protocolOf(hop.url) })];
      }),
    ];
  }

  #isOpen(type: Hop["type"]): boolean {
    return this.#findings.some(({ hop, result }) => hop.type === type && result === "open");
  }

  /** Where the session can be reached, as far as it has said. */
  #targetsOf(...types: Hop["type"][]): Saying {
    const direct = this.#findings.filter(({ hop }) => types.includes(hop.type));
    const targets = [...new Set(direct.flatMap(({ targets }) => targets))];
    return targets.length === 0 ? phrase("doctorNoAddress") : targets.join(", ");
  }
}

function isFirst(hop: Hop): boolean {
  return FIRST.some(({ type }) => type === hop.type);
}

function isSame(one: Hop, other: Hop): boolean {
  return one.type === other.type && ("url" in one && "url" in other ? one.url === other.url : true);
}

/** What a person calls the hop. */
export function hopName(hop: Hop): Phrase {
  switch (hop.type) {
    case "server":
      return phrase("hopServer");
    case "websocket":
      return phrase("hopWebsocket");
    case "streamer":
      return phrase("hopStreamer");
    case "udp":
      return phrase("hopUdp");
    case "tcp":
      return phrase("hopTcp");
    case "stun":
      return phrase("hopStun", { address: addressOf(hop) });
    case "turn":
      return phrase("hopTurn", { address: addressOf(hop) });
  }
}

/** Host and port of an ICE server (RFC 7064, RFC 7065); the default port where it names none. */
export function addressOf(hop: Hop): string {
  if (!("url" in hop)) return "";
  const rest = hop.url.replace(/^\w+:/, "").replace(/\?.*$/, "");
  return /:\d+$/.test(rest) ? rest : `${rest}:${/^\w+s:/i.test(hop.url) ? 5349 : 3478}`;
}

function protocolOf(url: string): string {
  if (/^turns:/i.test(url)) return "TLS (TCP)";
  return /transport=tcp/i.test(url) ? "TCP" : "UDP";
}

/** Where nobody listens: the peer would connect from there (RFC 6544, section 4.5). */
const ACTIVE_PORT = "9";

/** Transport and place of a candidate (RFC 8839), or `null` for what is none or takes no connection. */
export function candidatePlace(
  candidate: string,
): { transport: "udp" | "tcp"; place: string } | null {
  const parts = candidate
    .replace(/^a=/, "")
    .replace(/^candidate:/, "")
    .split(" ");
  const [, , transport, , host, port] = parts;
  const known = transport?.toLowerCase();
  if ((known !== "udp" && known !== "tcp") || !host || !port) return null;
  if (known === "tcp" && port === ACTIVE_PORT) return null;
  return { transport: known, place: host.includes(":") ? `[${host}]:${port}` : `${host}:${port}` };
}

/** Leaves those candidates in a description that are to be tried. */
export function keepCandidates(sdp: string, keep: (candidate: string) => boolean): string {
  const lines = sdp.split("\r\n");
  return lines.filter((line) => !line.startsWith("a=candidate:") || keep(line)).join("\r\n");
}
