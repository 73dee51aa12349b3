"""A player by WHEP that is not ours: GStreamer's webrtcbin. Says as JSON what it has decoded, and leaves."""

import argparse
import json
import sys
import urllib.parse
import urllib.request

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC

VIDEO = (
    "application/x-rtp,media=video,encoding-name=H264,payload=102,clock-rate=90000,"
    "packetization-mode=(string)1,profile-level-id=(string)42e01f,rtcp-fb-nack-pli=true"
)
AUDIO = "application/x-rtp,media=audio,encoding-name=OPUS,payload=111,clock-rate=48000,encoding-params=(string)2"


def request(method, address, token, body=None):
    headers = {"authorization": f"Bearer {token}"}
    if body:
        headers["content-type"] = "application/sdp"
    asked = urllib.request.Request(address, method=method, data=body, headers=headers)
    with urllib.request.urlopen(asked, timeout=20) as answer:
        return answer.status, answer.headers, answer.read().decode()


class Player:
    def __init__(self, address, token, frames):
        self.address, self.token, self.wanted = address, token, frames
        self.seen, self.place, self.size = 0, None, None
        self.loop = GLib.MainLoop()
        self.pipeline = Gst.Pipeline.new()
        self.webrtc = Gst.ElementFactory.make("webrtcbin")
        self.webrtc.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
        self.pipeline.add(self.webrtc)
        self.webrtc.connect("notify::ice-gathering-state", self.gathered)
        self.webrtc.connect("pad-added", self.arrived)
        for caps in [VIDEO, AUDIO]:
            direction = GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY
            self.webrtc.emit("add-transceiver", direction, Gst.Caps.from_string(caps))

    def run(self):
        self.pipeline.set_state(Gst.State.PLAYING)
        self.webrtc.emit("create-offer", None, Gst.Promise.new_with_change_func(self.offered))
        GLib.timeout_add_seconds(30, self.loop.quit)
        self.loop.run()

    def offered(self, promise):
        # The offer lives as long as what it came in.
        self.promise = promise
        self.reply = promise.get_reply()
        self.webrtc.emit("set-local-description", self.reply.get_value("offer"), Gst.Promise.new())

    def gathered(self, *_):
        complete = GstWebRTC.WebRTCICEGatheringState.COMPLETE
        if self.webrtc.get_property("ice-gathering-state") == complete and not self.place:
            GLib.idle_add(self.ask)

    def ask(self):
        offer = self.webrtc.get_property("local-description").sdp.as_text().encode()
        self.status, headers, answer = request("POST", self.address, self.token, offer)
        self.place = urllib.parse.urljoin(self.address, headers["location"])
        _, message = GstSdp.SDPMessage.new_from_text(answer)
        answer = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, message)
        self.webrtc.emit("set-remote-description", answer, Gst.Promise.new())

    def arrived(self, _, pad):
        if pad.direction != Gst.PadDirection.SRC:
            return
        decoder = Gst.ElementFactory.make("decodebin")
        decoder.connect("pad-added", self.decoded)
        self.pipeline.add(decoder)
        decoder.sync_state_with_parent()
        pad.link(decoder.get_static_pad("sink"))

    def decoded(self, _, pad):
        sink = Gst.ElementFactory.make("fakesink")
        sink.set_property("sync", False)
        sink.set_property("signal-handoffs", True)
        caps = pad.get_current_caps().get_structure(0)
        if caps.get_name() == "video/x-raw":
            self.size = [caps.get_value("width"), caps.get_value("height")]
            sink.connect("handoff", self.frame)
        self.pipeline.add(sink)
        sink.sync_state_with_parent()
        pad.link(sink.get_static_pad("sink"))

    def frame(self, *_):
        self.seen += 1
        if self.seen == self.wanted:
            self.loop.quit()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    parser.add_argument("token")
    parser.add_argument("--frames", type=int, default=10)
    arguments = parser.parse_args()
    Gst.init(None)
    player = Player(arguments.address, arguments.token, arguments.frames)
    player.run()
    print(json.dumps({"status": player.status, "frames": player.seen, "size": player.size}), flush=True)
    sys.stdin.readline()
    left, _, _ = request("DELETE", player.place, player.token)
    print(json.dumps({"left": left}), flush=True)
    player.pipeline.set_state(Gst.State.NULL)


main()
