// The products that are compared. Each starts on an X server of its own and says where its page is.
//
//   start({ size, fps, address, port }) -> { address, environment, roots, stages, stop }
//     environment   DISPLAY and XAUTHORITY of its X server
//     roots         process ids; they and what descends from them is what it costs
//     stages(page)  optional: the product's own account of a frame's way
//   opened(page)    what is left to do in its page

import { selkiesWebRtc, selkiesWebSocket } from "./selkies.mjs";
import { noVnc, streamspace, streamspaceWebCodecs } from "./streamspace.mjs";
import { webrtcbin } from "./webrtcbin.mjs";

export const peers = [streamspace, streamspaceWebCodecs, noVnc, webrtcbin, selkiesWebRtc, selkiesWebSocket];

export const peerNamed = (name) => peers.find((peer) => peer.name === name);
