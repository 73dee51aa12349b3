"""A player by WHEP that is not ours: aiortc. Says as JSON what it has decoded, and leaves."""

import argparse
import asyncio
import json
import urllib.parse
import urllib.request

import aioice.ice
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

# The tests' sessions are on the loopback device, which aioice leaves out.
aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]


def request(method, address, token=None, body=None):
    headers = {"content-type": "application/sdp"} if body else {}
    if token:
        headers["authorization"] = f"Bearer {token}"
    asked = urllib.request.Request(address, method=method, data=body, headers=headers)
    with urllib.request.urlopen(asked, timeout=20) as answer:
        return answer.status, answer.headers, answer.read().decode()


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    parser.add_argument("token")
    parser.add_argument("--frames", type=int, default=10)
    arguments = parser.parse_args()

    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    frames = asyncio.Queue()

    @peer.on("track")
    def on_track(track):
        async def read():
            while True:
                await frames.put((track.kind, await track.recv()))

        asyncio.ensure_future(read())

    for kind in ["video", "audio"]:
        peer.addTransceiver(kind, direction="recvonly")
    await peer.setLocalDescription(await peer.createOffer())
    offer = peer.localDescription.sdp.encode()
    status, headers, answer = await asyncio.to_thread(request, "POST", arguments.address, arguments.token, offer)
    await peer.setRemoteDescription(RTCSessionDescription(sdp=answer, type="answer"))

    seen = []
    while len(seen) < arguments.frames:
        kind, frame = await asyncio.wait_for(frames.get(), 20)
        if kind == "video":
            shades = len(set(bytes(frame.planes[0])))
            seen.append({"width": frame.width, "height": frame.height, "shades": shades})
    place = urllib.parse.urljoin(arguments.address, headers["location"])
    print(json.dumps({"status": status, "type": headers["content-type"], "etag": headers["etag"], "frames": seen}), flush=True)
    # Until whoever started this has looked.
    await asyncio.to_thread(input)
    left, _, _ = await asyncio.to_thread(request, "DELETE", place, arguments.token)
    print(json.dumps({"left": left, "place": place}), flush=True)
    await peer.close()


asyncio.run(main())
