// Parts of a peer connection that need no state: what it receives, and candidates as messages.

import type { Candidate } from "../core/protocol.js";
import { preferH264 } from "../core/sdp.js";

export interface Media {
  picture: RTCRtpReceiver;
  microphone: RTCRtpSender;
}

/** Asks for picture and sound. Nothing is sent before the microphone gets a track. */
export function negotiateMedia(peer: RTCPeerConnection): Media {
  const video = peer.addTransceiver("video", { direction: "recvonly" });
  const audio = peer.addTransceiver("audio", { direction: "sendrecv" });
  const codecs = RTCRtpReceiver.getCapabilities("video")?.codecs;
  // Firefox before 128 has no such method, and offers H.264 anyway.
  if (codecs) video.setCodecPreferences?.(preferH264(codecs));
  return { picture: video.receiver, microphone: audio.sender };
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
