// The peer connections of a page, seen by what the browser itself says of them.

import { until } from "./wait.mjs";

/**
 * A script for a page: keeps hold of its peer connections. They are made with this configuration
 * beside the page's own, and `keep` says which candidates pass, both ways.
 */
export function watchPeers(configuration = {}, keep = "() => true") {
  return `globalThis.peers = [];
    globalThis.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(configuration) {
        super({ ...configuration, ...${JSON.stringify(configuration)} });
        globalThis.peers.push(this);
      }
      set onicecandidate(handler) {
        super.onicecandidate = (event) => {
          const text = event.candidate?.candidate;
          if (!text || (${keep})(text)) handler(event);
        };
      }
      addIceCandidate(candidate) {
        const text = candidate?.candidate;
        return text && !(${keep})(text) ? Promise.resolve() : super.addIceCandidate(candidate);
      }
      setRemoteDescription({ type, sdp }) {
        const lines = sdp.split("\\r\\n");
        const kept = lines.filter((line) => !line.startsWith("a=candidate:") || (${keep})(line));
        return super.setRemoteDescription({ type, sdp: kept.join("\\r\\n") });
      }
    };`;
}

/** The path in use: `local` and `remote` candidates as getStats() tells them. */
export function chosenPath(page) {
  return until("a chosen path", () =>
    page.evaluate(async () => {
      const peer = globalThis.peers.at(-1);
      const report = await peer.getStats();
      const transport = [...report.values()].find(({ type }) => type === "transport");
      const pair = report.get(transport?.selectedCandidatePairId);
      return pair && { local: report.get(pair.localCandidateId), remote: report.get(pair.remoteCandidateId) };
    }),
  );
}

/** What the browser counts of the video that it receives: framesDecoded, freezeCount and so on. */
export function receivedVideo(page) {
  return page.evaluate(async () => {
    const report = await globalThis.peers.at(-1).getStats();
    return [...report.values()].find(({ type, kind }) => type === "inbound-rtp" && kind === "video");
  });
}
