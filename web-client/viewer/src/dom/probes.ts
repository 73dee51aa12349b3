// Tests one hop of the way at a time, with what the browser has for it.

import { candidatePlace, keepCandidates, type Finding, type Hop } from "../core/doctor.js";
import type { Saying } from "../core/language.js";
import type { IceServer, Join } from "../core/protocol.js";
import type { DesktopOptions } from "./desktop.js";
import { ConnectError, requestJoin, webSocketUrl } from "./join.js";
import { candidateInit, candidateMessage, negotiateMedia } from "./peer.js";
import { Signaling } from "./signaling.js";

const PATIENCE_MS = 6_000;

type Transport = "udp" | "tcp" | "relay";

export class Probes {
  readonly #options: () => DesktopOptions;
  readonly #learned: (iceServers: IceServer[]) => void;
  readonly #abort = new AbortController();

  /** `learned`: the session has told of its ICE servers. */
  constructor(options: () => DesktopOptions, learned: (iceServers: IceServer[]) => void) {
    this.#options = options;
    this.#learned = learned;
  }

  close(): void {
    this.#abort.abort();
  }

  async test(hop: Hop): Promise<Finding> {
    switch (hop.type) {
      case "server":
        return { hop, result: (await this.#fetchesVersion()) ? "open" : "closed", targets: [] };
      case "websocket":
        return this.#joined(hop, (join) => this.#opensSocket(join));
      case "streamer":
        return this.#joined(hop, (join) => this.#isWelcomed(join));
      case "udp":
      case "tcp":
        return this.#way(hop, { iceServers: [] }, hop.type);
      case "stun":
        return { hop, result: (await this.#stunAnswers(hop)) ? "open" : "closed", targets: [] };
      case "turn": {
        const iceServers = [{ ...hop.server, urls: [hop.url] }];
        return this.#way(hop, { iceServers, iceTransportPolicy: "relay" }, "relay");
      }
    }
  }

  async #fetchesVersion(): Promise<boolean> {
    const { signal } = this.#abort;
    const answer = await fetch("/api/v1/version", { signal, cache: "no-store" }).catch(() => null);
    return answer?.ok ?? false;
  }

  async #joined(hop: Hop, test: (join: Join) => Promise<boolean | Saying>): Promise<Finding> {
    const outcome = await requestJoin(this.#options(), this.#abort.signal)
      .then(test)
      .catch(reasonOf);
    if (typeof outcome === "boolean")
      return { hop, result: outcome ? "open" : "closed", targets: [] };
    return { hop, result: "closed", targets: [], reason: outcome };
  }

  #opensSocket(join: Join): Promise<boolean> {
    const socket = new WebSocket(webSocketUrl(join.signalPath));
    return this.#settle<boolean>(false, (done) => {
      socket.onopen = () => done(true);
      socket.onerror = () => done(false);
    }).finally(() => socket.close());
  }

  #isWelcomed(join: Join): Promise<boolean | Saying> {
    let signaling: Signaling | null = null;
    return this.#settle<boolean | Saying>(false, (done) => {
      signaling = new Signaling(join, {
        opened: () => {},
        signal: (signal) => {
          if (signal.type === "welcome") this.#learned(signal.iceServers);
          if (signal.type === "welcome") done(true);
          if (signal.type === "error") done(signal.message);
        },
        malformed: () => done(false),
        closed: () => done(false),
      });
    }).finally(() => signaling?.close());
  }

  /** Whether a connection comes about by this transport alone. */
  async #way(hop: Hop, config: RTCConfiguration, transport: Transport): Promise<Finding> {
    const targets = new Set<string>();
    const isMeant = (candidate: string) => {
      const place = candidatePlace(candidate);
      if (!place || (transport !== "relay" && place.transport !== transport)) return false;
      targets.add(place.place);
      return true;
    };
    const connects = async (join: Join) => this.#connects(join, config, isMeant);
    const finding = await this.#joined(hop, connects);
    return { ...finding, targets: [...targets] };
  }

  #connects(
    join: Join,
    config: RTCConfiguration,
    isMeant: (candidate: string) => boolean,
  ): Promise<boolean> {
    const peer = new RTCPeerConnection({ ...config, bundlePolicy: "max-bundle" });
    let signaling: Signaling | null = null;
    return this.#settle<boolean>(false, (done) => {
      const offer = async () => {
        negotiateMedia(peer);
        // Who has no channels is a player, and somebody in the session once the connection stands.
        peer.createDataChannel("probe");
        await peer.setLocalDescription(await peer.createOffer());
        signaling?.send({ type: "offer", sdp: peer.localDescription?.sdp ?? "" });
      };
      const accept = (sdp: string) =>
        peer.setRemoteDescription({ type: "answer", sdp: keepCandidates(sdp, isMeant) });
      peer.onconnectionstatechange = () => {
        if (peer.connectionState === "connected") done(true);
        if (peer.connectionState === "failed") done(false);
      };
      peer.onicecandidate = ({ candidate }) => {
        if (candidate?.candidate !== "")
          signaling?.send({ type: "candidate", ...candidateMessage(candidate) });
      };
      // Candidates that come before the answer belong to it.
      let accepted = Promise.resolve();
      signaling = new Signaling(join, {
        opened: () => {},
        signal: (signal) => {
          if (signal.type === "welcome") void offer().catch(() => done(false));
          if (signal.type === "answer") accepted = accept(signal.sdp).catch(() => done(false));
          if (signal.type === "candidate" && isMeant(signal.candidate)) {
            void accepted.then(() => peer.addIceCandidate(candidateInit(signal))).catch(() => {});
          }
          if (signal.type === "error") done(false);
        },
        malformed: () => done(false),
        closed: () => done(false),
      });
    }).finally(() => {
      peer.onconnectionstatechange = null;
      peer.close();
      signaling?.close();
    });
  }

  /** A server that answers gives a candidate, or, where no NAT is between, at least no error. */
  #stunAnswers({ url }: Hop & { url: string }): Promise<boolean> {
    const peer = new RTCPeerConnection({ iceServers: [{ urls: [url] }] });
    return this.#settle<boolean>(false, (done) => {
      let hasFailed = false;
      peer.onicecandidateerror = () => (hasFailed = true);
      peer.onicecandidate = ({ candidate }) => {
        if (candidate?.type === "srflx") done(true);
        if (!candidate) done(!hasFailed);
      };
      peer.createDataChannel("");
      void peer.createOffer().then((offer) => peer.setLocalDescription(offer));
    }).finally(() => peer.close());
  }

  /** What `start` says first, or `late` where it says nothing in time. */
  #settle<T>(late: T, start: (done: (outcome: T) => void) => void): Promise<T> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(late), PATIENCE_MS);
      this.#abort.signal.addEventListener("abort", () => resolve(late));
      start((outcome) => {
        clearTimeout(timer);
        resolve(outcome);
      });
    });
  }
}

function reasonOf(error: unknown): Saying | false {
  return error instanceof ConnectError ? error.failure.reason : false;
}
