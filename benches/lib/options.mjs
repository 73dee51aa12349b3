// What is measured, and how long.

import { parseArgs } from "node:util";
import { peerNamed, peers } from "./peers/index.mjs";

export const PARTS = ["latency", "load", "link", "scale", "sync", "transfers", "encoders", "api", "gateway", "cluster", "micro"];
const HD = { width: 1280, height: 720 };
const FULL_HD = { width: 1920, height: 1080 };

/** Samples, counts, and seconds of each measurement; `limitSeconds` is when a peer counts as stuck. */
const EFFORTS = {
  quick: {
    peers: ["streamspace", "novnc", "webrtcbin", "selkies-webrtc"],
    heights: "720",
    clicks: 15,
    idleSeconds: 4,
    typingSeconds: 3,
    loadSeconds: 3,
    links: ["drop"],
    linkPeers: ["streamspace"],
    linkSeconds: 20,
    scaleSeconds: 5,
    sessionCounts: [1, 2],
    viewerCounts: [1, 2],
    syncBeats: 20,
    transferBytes: 100_000_000,
    transferRuns: 2,
    encoderRuns: 2,
    encoderFrames: 32,
    apiSeconds: 2,
    relayRounds: 2,
    relaySeconds: 3,
    idleSockets: 1000,
    restSeconds: 5,
    clusterSessions: [100, 200],
    limitSeconds: 150,
  },
  standard: {
    peers: ["streamspace", "novnc", "webrtcbin", "selkies-webrtc"],
    heights: "720,1080",
    clicks: 40,
    idleSeconds: 10,
    typingSeconds: 3,
    loadSeconds: 5,
    links: ["far", "drop", "loss"],
    linkPeers: ["streamspace", "selkies-webrtc"],
    linkSeconds: 30,
    scaleSeconds: 5,
    sessionCounts: [1, 2, 4, 8],
    viewerCounts: [1, 8, 32],
    syncBeats: 60,
    transferBytes: 500_000_000,
    transferRuns: 3,
    encoderRuns: 5,
    encoderFrames: 96,
    apiSeconds: 6,
    relayRounds: 4,
    relaySeconds: 3,
    idleSockets: 9900,
    restSeconds: 30,
    clusterSessions: [1000, 2000, 10_000],
    limitSeconds: 300,
  },
  full: {
    peers: peers.map(({ name }) => name),
    heights: "720,1080",
    clicks: 200,
    idleSeconds: 30,
    typingSeconds: 10,
    loadSeconds: 10,
    links: ["far", "drop", "steps", "loss"],
    linkPeers: peers.map(({ name }) => name),
    linkSeconds: 300,
    scaleSeconds: 10,
    sessionCounts: [1, 2, 4, 8],
    viewerCounts: [1, 2, 4, 8, 16, 32],
    syncBeats: 300,
    transferBytes: 1_000_000_000,
    transferRuns: 7,
    encoderRuns: 15,
    encoderFrames: 240,
    apiSeconds: 30,
    relayRounds: 9,
    relaySeconds: 10,
    idleSockets: 9900,
    restSeconds: 60,
    clusterSessions: [1000, 2000, 5000, 10_000],
    limitSeconds: 600,
  },
};
/** Compiling the criterion benches takes longer than all the others: only when asked for. */
const DEFAULT_PARTS = PARTS.filter((part) => part !== "micro").join();

export const USAGE = `usage: ./dev bench [--only PART[,PART]] [--quick | --full] [--peers NAME[,NAME]] [--sizes HEIGHT[,HEIGHT]] [--dry]

  --only    ${PARTS.join(", ")}; all but micro by default. What other parts measured before is kept.
  --quick   a few minutes, for a first look; not for publishing
  --full    an hour and a half: the most samples, every peer on every link, 300 s of the far one
  --peers   ${peers.map(({ name }) => name).join(", ")}
  --sizes   720, 1080
  --dry     print, but leave docs/ as it is`;

/** What was asked for makes no sense; the message says what would. */
export class UsageError extends Error {}

export function parseOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: "string", default: DEFAULT_PARTS },
      quick: { type: "boolean", default: false },
      full: { type: "boolean", default: false },
      peers: { type: "string" },
      sizes: { type: "string" },
      dry: { type: "boolean", default: false },
    },
  });
  const effortName = values.full ? "full" : values.quick ? "quick" : "standard";
  const effort = EFFORTS[effortName];
  const named = values.peers?.split(",");
  return {
    parts: new Set(values.only.split(",").map(partOf)),
    effortName,
    effort,
    peers: (named ?? effort.peers).map(chosenPeer),
    linkPeers: (named ?? effort.linkPeers).map(chosenPeer),
    sizes: (values.sizes ?? effort.heights).split(",").map(sizeOf),
    dry: values.dry,
  };
}

function partOf(name) {
  if (!PARTS.includes(name)) throw new UsageError(`there is no part ${name}\n\n${USAGE}`);
  return name;
}

function sizeOf(height) {
  const size = [HD, FULL_HD].find((size) => `${size.height}` === height);
  if (!size) throw new UsageError(`there is no size ${height}\n\n${USAGE}`);
  return size;
}

function chosenPeer(name) {
  const peer = peerNamed(name);
  if (!peer) throw new UsageError(`there is no peer ${name}\n\n${USAGE}`);
  return peer;
}
