// What the offer asks for beyond a browser's own choice.

/** What is read of an `RTCRtpCodec`. */
export interface CodecChoice {
  mimeType: string;
  sdpFmtpLine?: string;
}

/**
 * All codecs, with constrained-baseline H.264 first: every encoder of a server makes it, and most
 * browsers decode it in hardware. Its retransmission format follows it.
 */
export function preferH264<T extends CodecChoice>(codecs: readonly T[]): T[] {
  const rank = (codec: T) => (isPreferred(codec) ? 0 : isRetransmission(codec) ? 1 : 2);
  return [...codecs].sort((a, b) => rank(a) - rank(b));
}

function isPreferred({ mimeType, sdpFmtpLine = "" }: CodecChoice): boolean {
  return (
    mimeType.toLowerCase() === "video/h264" &&
    /packetization-mode=1/.test(sdpFmtpLine) &&
    // Profile 42 with constraint_set1: constrained baseline, RFC 6184 section 8.1.
    /profile-level-id=42[4-7c-f]0/i.test(sdpFmtpLine)
  );
}

function isRetransmission({ mimeType }: CodecChoice): boolean {
  return mimeType.toLowerCase() === "video/rtx";
}

/** Opus decodes to mono unless the receiver says otherwise (RFC 7587 section 7). */
export function withStereo(sdp: string): string {
  const payloadType = /^a=rtpmap:(\d+) opus\//im.exec(sdp)?.[1];
  if (payloadType === undefined) return sdp;
  return sdp.replace(
    new RegExp(`^(a=fmtp:${payloadType} (?!.*stereo=).*?)(\\r?)$`, "m"),
    "$1;stereo=1$2",
  );
}
