// What is measured, and how long.

import { parseArgs } from "node:util";
import { peerNamed, peers } from "./peers/index.mjs";

export const PARTS = ["latency", "load", "link", "scale", "micro"];
const HD = { width: 1280, height: 720 };
const FULL_HD = { width: 1920, height: 1080 };

/** Samples, and seconds of each measurement; `limitSeconds` is when a peer counts as stuck. */
const EFFORTS = {
  quick: {
    clicks: 15,
    idleSeconds: 4,
    typingSeconds: 3,
    loadSeconds: 3,
    linkSeconds: 20,
    scaleSeconds: 5,
    sessionCounts: [1, 2],
    viewerCounts: [1, 2],
    limitSeconds: 150,
  },
  standard: {
    clicks: 60,
    idleSeconds: 12,
    typingSeconds: 4,
    loadSeconds: 5,
    linkSeconds: 60,
    scaleSeconds: 5,
    sessionCounts: [1, 2, 4, 8],
    viewerCounts: [1, 4, 16, 32],
    limitSeconds: 300,
  },
  full: {
    clicks: 200,
    idleSeconds: 30,
    typingSeconds: 10,
    loadSeconds: 10,
    linkSeconds: 300,
    scaleSeconds: 10,
    sessionCounts: [1, 2, 4, 8],
    viewerCounts: [1, 2, 4, 8, 16, 32],
    limitSeconds: 600,
  },
};

export const USAGE = `usage: ./dev bench [--only PART[,PART]] [--quick | --full] [--peers NAME[,NAME]] [--sizes HEIGHT[,HEIGHT]] [--dry]

  --only    ${PARTS.join(", ")}; all by default. What other parts measured before is kept.
  --quick   a few minutes, for a first look; not for publishing
  --full    the most samples, and the shaped link for its whole 300 s
  --peers   ${peers.map(({ name }) => name).join(", ")}
  --sizes   720, 1080
  --dry     print, but leave docs/ as it is`;

export function parseOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: "string", default: PARTS.join() },
      quick: { type: "boolean", default: false },
      full: { type: "boolean", default: false },
      peers: { type: "string" },
      sizes: { type: "string" },
      dry: { type: "boolean", default: false },
    },
  });
  const effortName = values.full ? "full" : values.quick ? "quick" : "standard";
  const sizes = (values.sizes ?? (values.quick ? "720" : "720,1080")).split(",").map(sizeOf);
  return {
    parts: new Set(values.only.split(",").map(partOf)),
    effortName,
    effort: EFFORTS[effortName],
    peers: chosenPeers(values.peers, effortName),
    sizes,
    dry: values.dry,
  };
}

function partOf(name) {
  if (!PARTS.includes(name)) throw new Error(`there is no part ${name}\n\n${USAGE}`);
  return name;
}

function sizeOf(height) {
  const size = [HD, FULL_HD].find((size) => `${size.height}` === height);
  if (!size) throw new Error(`there is no size ${height}\n\n${USAGE}`);
  return size;
}

/** Selkies' second mode is left to the full run, which has the time. */
function chosenPeers(names, effortName) {
  if (!names) return peers.filter(({ name }) => effortName === "full" || name !== "selkies-websocket");
  return names.split(",").map((name) => {
    const peer = peerNamed(name);
    if (!peer) throw new Error(`there is no peer ${name}\n\n${USAGE}`);
    return peer;
  });
}
