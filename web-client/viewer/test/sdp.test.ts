import assert from "node:assert/strict";
import test from "node:test";
import { preferH264, withStereo } from "../src/core/sdp.js";

/** What Chromium lists, shortened. */
const CODECS = [
  { mimeType: "video/VP8" },
  { mimeType: "video/rtx" },
  { mimeType: "video/H264", sdpFmtpLine: "packetization-mode=1;profile-level-id=42001f" },
  { mimeType: "video/H264", sdpFmtpLine: "packetization-mode=0;profile-level-id=42e01f" },
  { mimeType: "video/H264", sdpFmtpLine: "packetization-mode=1;profile-level-id=42e01f" },
  { mimeType: "video/AV1" },
];

test("constrained-baseline H.264 comes first and nothing is left out", () => {
  const preferred = preferH264(CODECS);
  assert.equal(preferred[0], CODECS[4]);
  assert.equal(preferred[1], CODECS[1]);
  assert.equal(preferred.length, CODECS.length);
});

test("opus is asked for in stereo, once", () => {
  const sdp = "a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\n";
  const stereo = "a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1;stereo=1\r\n";
  assert.equal(withStereo(sdp), stereo);
  assert.equal(withStereo(stereo), stereo);
  assert.equal(withStereo("v=0\r\n"), "v=0\r\n");
});
