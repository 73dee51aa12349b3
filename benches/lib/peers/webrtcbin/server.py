"""The plain pipeline that many write first: ximagesrc ! x264enc ! webrtcbin, with a page and input.

One pipeline a viewer; the page posts `offer`, then `answer`. Input comes over a data channel and
goes to the X server by XTEST.
"""

import argparse
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import Gst, GstSdp, GstWebRTC
from Xlib import X, XK, display
from Xlib.ext import xtest

PAGE = Path(__file__).with_name("index.html")
GATHERING_SECONDS = 10

# The queue drops pictures that the encoder has no time for; without it they would pile up.
PIPELINE = """
    webrtcbin name=webrtc bundle-policy=max-bundle
    ximagesrc use-damage=false ! video/x-raw,framerate={fps}/1 ! videoconvert !
    video/x-raw,format=I420 ! queue leaky=downstream max-size-buffers=1 !
    x264enc tune=zerolatency speed-preset=ultrafast bitrate={kbps} !
    video/x-h264,profile=constrained-baseline !
    rtph264pay config-interval=-1 aggregate-mode=zero-latency !
    application/x-rtp,media=video,encoding-name=H264,payload=96 ! webrtc.
"""


class Keyboard:
    """Injects what the page sends."""

    def __init__(self):
        self.display = display.Display()

    def inject(self, message):
        kind = message["type"]
        pressed = message.get("pressed", False)
        if kind == "key":
            keycode = self.display.keysym_to_keycode(XK.string_to_keysym(message["key"]))
            xtest.fake_input(self.display, X.KeyPress if pressed else X.KeyRelease, keycode)
        else:
            xtest.fake_input(self.display, X.MotionNotify, x=message["x"], y=message["y"])
        if kind == "button":
            xtest.fake_input(self.display, X.ButtonPress if pressed else X.ButtonRelease, 1)
        self.display.flush()


class Viewer:
    """One pipeline and its connection."""

    def __init__(self, arguments, keyboard):
        self.gathered = threading.Event()
        self.pipeline = Gst.parse_launch(PIPELINE.format(fps=arguments.fps, kbps=arguments.kbps))
        self.webrtc = self.pipeline.get_by_name("webrtc")
        self.webrtc.connect("notify::ice-gathering-state", self.on_gathering)
        self.webrtc.connect("on-negotiation-needed", self.on_negotiation_needed)
        self.webrtc.emit("get-transceiver", 0).set_property("do-nack", True)
        self.pipeline.set_state(Gst.State.READY)
        self.channel = self.webrtc.emit("create-data-channel", "input", None)
        self.channel.connect("on-message-string", lambda _, text: keyboard.inject(json.loads(text)))
        self.pipeline.set_state(Gst.State.PLAYING)

    def on_negotiation_needed(self, webrtc):
        webrtc.emit("create-offer", None, Gst.Promise.new_with_change_func(self.on_offer))

    def on_offer(self, promise):
        reply = promise.get_reply()  # It owns the offer.
        offer = reply.get_value("offer")
        self.webrtc.emit("set-local-description", offer, Gst.Promise.new())

    def on_gathering(self, webrtc, _):
        state = webrtc.get_property("ice-gathering-state")
        if state == GstWebRTC.WebRTCICEGatheringState.COMPLETE:
            self.gathered.set()

    def offer(self):
        if not self.gathered.wait(GATHERING_SECONDS):
            raise TimeoutError("webrtcbin gathered no candidates")
        return self.webrtc.get_property("local-description").sdp.as_text()

    def answer(self, text):
        _, sdp = GstSdp.SDPMessage.new_from_text(text)
        description = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, sdp)
        self.webrtc.emit("set-remote-description", description, Gst.Promise.new())


class Handler(BaseHTTPRequestHandler):
    arguments = None
    keyboard = None
    viewers = {}

    def do_GET(self):
        self.reply("text/html", PAGE.read_bytes())

    def do_POST(self):
        if self.path == "/offer":
            viewer = Viewer(self.arguments, self.keyboard)
            identity = len(self.viewers)
            self.viewers[identity] = viewer
            body = json.dumps({"id": identity, "sdp": viewer.offer()})
            self.reply("application/json", body.encode())
        else:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.viewers[body["id"]].answer(body["sdp"])
            self.reply("application/json", b"{}")

    def reply(self, kind, body):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--fps", type=int, required=True)
    parser.add_argument("--kbps", type=int, required=True)
    Handler.arguments = parser.parse_args()
    Gst.init(None)
    Handler.keyboard = Keyboard()
    place = (Handler.arguments.address, Handler.arguments.port)
    ThreadingHTTPServer(place, Handler).serve_forever()


main()
