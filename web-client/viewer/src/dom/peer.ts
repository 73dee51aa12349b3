// Parts of a peer connection that need no state: what it receives, and candidates as messages.

import type { Candidate } from "../core/protocol.js";
import { preferH264 } from "../core/sdp.js";

/** Asks for picture and sound; gives the picture's receiver. */
export function receiveMedia(peer: RTCPeerConnection): RTCRtpReceiver {
  const video = peer.addTransceiver("video", { direction: "recvonly" });
  peer.addTransceiver("audio", { direction: "recvonly" });
  const codecs = RTCRtpReceiver.getCapabilities("video")?.codecs;
  // Firefox before 128 has no such method, and offers H.264 anyway.
  if (codecs) video.setCodecPreferences?.(preferH264(codecs));
  return video.receiver;
}

/** A desktop answers to input: no delay is worth a smoother picture. */
export function playAtOnce(receiver: RTCRtpReceiver): void {
  if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = 0;
  // Chromium's older name for it.
  if ("playoutDelayHint" in receiver) receiver.playoutDelayHint = 0;
}

export function candidateMessage(candidate: RTCIceCandidate | null): Candidate {
  if (!candidate) return { candidate: "" };
  const { sdpMid, sdpMLineIndex, usernameFragment } = candidate;
  return {
    candidate: candidate.candidate,
    ...(sdpMid === null ? {} : { sdpMid }),
    ...(sdpMLineIndex === null ? {} : { sdpMLineIndex }),
    ...(usernameFragment === null ? {} : { usernameFragment }),
  };
}

export function candidateInit(candidate: Candidate): RTCIceCandidateInit | undefined {
  return candidate.candidate === "" ? undefined : candidate;
}
