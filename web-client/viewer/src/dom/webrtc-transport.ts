// A peer connection to the streamer: signaling, tracks and the data channels.

import { parsePointers, parseServerMessage } from "../core/decode.js";
import {
  closedFailure,
  lostFailure,
  networkFailure,
  signalFailure,
  type Closing,
  type Failure,
  type Stage,
} from "../core/failure.js";
import { NetworkPath, type PathEvent, type PathStep } from "../core/network-path.js";
import {
  CLIPBOARD_CHANNEL,
  CONTROL_CHANNEL,
  POINTER_CHANNEL,
  type Candidate,
  type ClientMessage,
  type DisplaySize,
  type Join,
  type PersonPointer,
  type PointerMove,
  type Screen,
  type ServerMessage,
  type ServerSignal,
} from "../core/protocol.js";
import { withStereo } from "../core/sdp.js";
import { phrase } from "../core/texts.js";
import { candidateInit, candidateMessage, negotiateMedia, playAtOnce } from "./peer.js";
import { Rejoin } from "./rejoin.js";
import { Signaling } from "./signaling.js";

export interface WebrtcEvents {
  stage(stage: Stage): void;
  display(size: DisplaySize): void;
  /** The picture's receiver has just been made; its frames come later. */
  receiver(video: RTCRtpReceiver): void;
  track(track: MediaStreamTrack): void;
  opened(): void;
  /** The clipboard's channel is there; it opens with the others. */
  clipboard(channel: RTCDataChannel): void;
  message(message: ServerMessage): void;
  /** Where others point. */
  pointers(pointers: readonly PersonPointer[]): void;
  failed(failure: Failure): void;
}

type Welcome = ServerSignal & { type: "welcome" };

export class WebrtcTransport {
  readonly #events: WebrtcEvents;
  readonly #screen: Screen;
  readonly #prepared: Promise<void>;
  readonly #rejoin: Rejoin;
  #signaling: Signaling;
  /** Whether the gateway takes signals. */
  #isWelcome = false;
  /** By which the connection goes on with another gateway. */
  #resume: string | null = null;
  #stage: Stage = "signaling";
  #peer: RTCPeerConnection | null = null;
  #control: RTCDataChannel | null = null;
  #pointer: RTCDataChannel | null = null;
  #microphone: RTCRtpSender | null = null;
  #track: MediaStreamTrack | null = null;
  /** Candidates that came before the answer they belong to. */
  #earlyCandidates: Candidate[] | null = [];
  readonly #path = new NetworkPath(() => this.#isWelcome);
  #pathTimer = 0;

  /**
   * Shows this of the session's displays; `prepared` settles when media may come. `joinAgain` asks for another
   * token: media outlive their gateway.
   */
  constructor(
    join: Join,
    joinAgain: () => Promise<Join>,
    screen: Screen,
    prepared: Promise<void>,
    events: WebrtcEvents,
  ) {
    this.#events = events;
    this.#rejoin = new Rejoin({
      join: joinAgain,
      joined: (join) => (this.#signaling = this.#signal(join)),
    });
    this.#screen = screen;
    this.#prepared = prepared;
    this.#enter("signaling");
    this.#signaling = this.#signal(join);
  }

  send(message: ClientMessage): void {
    if (this.#control?.readyState === "open") this.#control.send(JSON.stringify(message));
  }

  sendMove(move: PointerMove): void {
    if (this.#pointer?.readyState === "open") this.#pointer.send(JSON.stringify(move));
  }

  /** Sends a microphone, or none. */
  speak(track: MediaStreamTrack | null): void {
    this.#track = track;
    // It fails on a connection that has ended; the next one gets the track too.
    void this.#microphone?.replaceTrack(track).catch(() => {});
  }

  async stats(): Promise<RTCStatsReport | null> {
    return (await this.#peer?.getStats()) ?? null;
  }

  networkChanged(): void {
    if (this.#wasConnected) this.#watchPath({ type: "network-changed" });
  }

  close(): void {
    clearTimeout(this.#pathTimer);
    this.#rejoin.close();
    this.#signaling.close();
    if (this.#control) this.#control.onclose = null;
    this.#peer?.close();
  }

  get #wasConnected(): boolean {
    return this.#stage === "channel";
  }

  #enter(stage: Stage): void {
    this.#stage = stage;
    this.#events.stage(stage);
  }

  #signal(join: Join): Signaling {
    return new Signaling(join, {
      opened: () => this.#wasConnected || this.#enter("welcome"),
      signal: (signal) =>
        void this.#handle(signal).catch((error) => this.#negotiationFailed(error)),
      malformed: (error) => this.#negotiationFailed(error),
      closed: (closing) => this.#signalingClosed(closing),
    });
  }

  async #handle(signal: ServerSignal): Promise<void> {
    switch (signal.type) {
      case "welcome":
        this.#isWelcome = true;
        return this.#peer ? this.#goOn(this.#peer, signal) : this.#offer(signal);
      case "answer":
        this.#rejoin.worked();
        return this.#accept(signal.sdp);
      case "candidate":
        return this.#addCandidate(signal);
      case "error":
        // While the desktop goes on, a gateway that cannot help yet may do so later.
        if (this.#rejoin.isTrying && signal.retry) return;
        return this.#events.failed(signalFailure(signal));
    }
  }

  async #offer({ display, iceServers, resume }: Welcome): Promise<void> {
    this.#enter("answer");
    this.#events.display(display);
    this.#resume = resume ?? null;
    await this.#prepared;
    const peer = new RTCPeerConnection({ iceServers, bundlePolicy: "max-bundle" });
    this.#peer = peer;
    this.#watch(peer);
    const { picture, microphone } = negotiateMedia(peer);
    this.#microphone = microphone;
    this.#events.receiver(picture);
    this.speak(this.#track);
    this.#openChannels(peer);
    await this.#sendOffer(peer, {});
  }

  async #sendOffer(
    peer: RTCPeerConnection,
    options: RTCOfferOptions,
    resume: { resume?: string } = {},
  ): Promise<void> {
    const { sdp = "" } = await peer.createOffer(options);
    const offer = withStereo(sdp);
    await peer.setLocalDescription({ type: "offer", sdp: offer });
    this.#signaling.send({ type: "offer", sdp: offer, screen: this.#screen, ...resume });
  }

  /** Another gateway passes signals on; the way through the network is found anew, under the picture. */
  async #goOn(peer: RTCPeerConnection, { iceServers }: Welcome): Promise<void> {
    peer.setConfiguration({ ...peer.getConfiguration(), iceServers });
    const resume = this.#resume === null ? {} : { resume: this.#resume };
    await this.#sendOffer(peer, { iceRestart: true }, resume);
  }

  #watch(peer: RTCPeerConnection): void {
    peer.onicecandidate = ({ candidate }) => this.#sendCandidate(candidate);
    peer.ontrack = ({ track, receiver }) => {
      playAtOnce(receiver);
      this.#events.track(track);
    };
    peer.onconnectionstatechange = () => this.#connectionChanged(peer);
  }

  #openChannels(peer: RTCPeerConnection): void {
    const control = peer.createDataChannel(CONTROL_CHANNEL, { ordered: true });
    control.onopen = () => this.#events.opened();
    control.onmessage = ({ data }) => this.#receive(data);
    control.onclose = () => this.#events.failed(lostFailure(phrase("streamerClosed")));
    this.#control = control;
    this.#events.clipboard(peer.createDataChannel(CLIPBOARD_CHANNEL, { ordered: true }));
    this.#pointer = peer.createDataChannel(POINTER_CHANNEL, { ordered: false, maxRetransmits: 0 });
    this.#pointer.onmessage = ({ data }) => this.#receivePointers(data);
  }

  async #accept(sdp: string): Promise<void> {
    await this.#peer?.setRemoteDescription({ type: "answer", sdp });
    if (this.#stage === "answer") this.#enter("network");
    const early = this.#earlyCandidates ?? [];
    this.#earlyCandidates = null;
    await Promise.all(early.map((candidate) => this.#addCandidate(candidate)));
  }

  async #addCandidate(candidate: Candidate): Promise<void> {
    if (this.#earlyCandidates) {
      this.#earlyCandidates.push(candidate);
      return;
    }
    // One candidate that the browser cannot use leaves the others.
    await this.#peer?.addIceCandidate(candidateInit(candidate)).catch(() => {});
  }

  #sendCandidate(candidate: RTCIceCandidate | null): void {
    // An empty candidate ends them; some browsers report that end as well as `null`.
    if (candidate?.candidate === "" || !this.#isWelcome) return;
    this.#signaling.send({ type: "candidate", ...candidateMessage(candidate) });
  }

  #receive(data: unknown): void {
    try {
      this.#events.message(parseServerMessage(String(data)));
    } catch (error) {
      console.warn("ignored a message of the streamer:", error);
    }
  }

  #receivePointers(data: unknown): void {
    try {
      this.#events.pointers(parsePointers(String(data)).pointers);
    } catch (error) {
      console.warn("ignored pointers:", error);
    }
  }

  #connectionChanged({ connectionState: state }: RTCPeerConnection): void {
    if (state === "connected" && this.#stage === "network") this.#enter("channel");
    if (state !== "connected" && state !== "disconnected" && state !== "failed") return;
    if (this.#wasConnected) this.#watchPath({ type: "connection", state });
    else if (state === "failed") this.#events.failed(networkFailure());
  }

  #watchPath(event: PathEvent): void {
    const step = this.#path.handle(event);
    if (step.type !== "none") clearTimeout(this.#pathTimer);
    if (step.type === "wait" || step.type === "restart") this.#startPathTimer(step.ms);
    this.#mendPath(step);
  }

  #startPathTimer(ms: number): void {
    this.#pathTimer = window.setTimeout(() => this.#watchPath({ type: "timer" }), ms);
  }

  #mendPath({ type }: PathStep): void {
    if (type === "lost") {
      this.#events.failed(lostFailure(phrase("pathBroke")));
    }
    if (type === "restart" && this.#peer) {
      // Where it cannot be offered the timer ends it, and a new connection begins.
      void this.#sendOffer(this.#peer, { iceRestart: true }).catch(() => {});
    }
  }

  #negotiationFailed(error: unknown): void {
    const reason = phrase("negotiationFailed", { error: String(error) });
    this.#events.failed({ reason, code: "negotiation-failed", retry: false });
  }

  #signalingClosed(closing: Closing): void {
    this.#isWelcome = false;
    // Media and input do not depend on the gateway any more once they run. A new way through the network does,
    // should this one break.
    if (this.#control?.readyState === "open") this.#rejoin.start();
    else this.#events.failed(closedFailure(this.#stage, closing));
  }
}
