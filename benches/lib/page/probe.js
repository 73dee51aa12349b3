// Runs in every measured page before its own scripts, and reads the picture in the same way for all.
// The places are those of `benches/src/layout.rs`.

(() => {
  const MARKER = { x: 64, y: 32 };
  const COUNTER = { x: 160, y: 32, cell: 16, cells: 24 };
  const LOST_CLICK_MS = 4000;

  // Sees every connection that the page makes; the objects and their prototype stay as they are.
  const connections = [];
  globalThis.RTCPeerConnection = new Proxy(RTCPeerConnection, {
    construct(...parameters) {
      const connection = Reflect.construct(...parameters);
      connections.push(connection);
      return connection;
    },
  });

  const bench = (globalThis.bench = { desktop: { width: 1280, height: 720 } });
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });

  const sizeOf = (picture) =>
    picture instanceof HTMLVideoElement
      ? { width: picture.videoWidth, height: picture.videoHeight }
      : { width: picture.width, height: picture.height };

  /** Pixels of a part of the desktop as the picture shows it. */
  function read(picture, x, y, width, height) {
    const scale = sizeOf(picture).width / bench.desktop.width;
    if (canvas.width < width || canvas.height < height) Object.assign(canvas, { width, height });
    context.drawImage(picture, x * scale, y * scale, width * scale, height * scale, 0, 0, width, height);
    return context.getImageData(0, 0, width, height);
  }

  function markerOf(picture) {
    const [red, green, blue] = read(picture, MARKER.x, MARKER.y, 1, 1).data;
    if (Math.abs(red - blue) < 60 || green > 60) return null;
    return red > blue ? "red" : "blue";
  }

  function counterOf(picture) {
    const { x, y, cell, cells } = COUNTER;
    const { data } = read(picture, x, y, cell * cells, 1);
    const bits = Array.from({ length: cells }, (_, index) => Number(data[(index * cell + cell / 2) * 4 + 1] > 127));
    const number = bits.slice(2, 18).reduce((value, bit) => value * 2 + bit, 0);
    const sum = bits.slice(18, 22).reduce((value, bit) => value * 2 + bit, 0);
    const frame = [bits[0], bits[1], bits[22], bits[23]].join("");
    const expected = (number ^ (number >> 4) ^ (number >> 8) ^ (number >> 12)) & 0xf;
    return frame === "1001" && sum === expected ? number : null;
  }

  function* pictures(root) {
    for (const node of root.querySelectorAll("*")) {
      if (node instanceof HTMLVideoElement || node instanceof HTMLCanvasElement) {
        if (sizeOf(node).width > 300 && node.checkVisibility({ visibilityProperty: true })) yield node;
      }
      if (node.shadowRoot) yield* pictures(node.shadowRoot);
    }
  }

  /** The video or canvas that shows the scene: the one in which the marker is. */
  bench.picture = () => {
    for (const picture of pictures(document)) if (markerOf(picture)) return picture;
    return null;
  };

  /** What shows the scene, in words; null while nothing does. */
  bench.kind = () => {
    const picture = bench.picture();
    if (!picture) return null;
    const { width, height } = sizeOf(picture);
    return { element: picture.localName, width, height, counter: counterOf(picture) };
  };

  /**
   * Calls back for each picture that is shown, with the time at which it was handed to the
   * compositor: of a video its `presentationTime`, of a canvas the animation frame.
   */
  function eachPicture(callback) {
    const picture = bench.picture();
    let active = true;
    const video = picture instanceof HTMLVideoElement;
    const next = () => (video ? picture.requestVideoFrameCallback(look) : requestAnimationFrame(look));
    const look = (_, frame) => {
      if (!active) return;
      callback(picture, frame?.presentationTime ?? performance.now());
      next();
    };
    next();
    return () => (active = false);
  }

  /**
   * From now on waits for a click; `clicked` gives when it was (ms since 1970), and how many milliseconds
   * later the picture of its effect was there.
   */
  bench.awaitClick = () => {
    const before = markerOf(bench.picture());
    let began;
    const begin = ({ timeStamp }) => (began = timeStamp);
    window.addEventListener("pointerdown", begin, { once: true, capture: true });
    bench.clicked = new Promise((done) => {
      const finish = (photon) => {
        stop();
        clearTimeout(timer);
        window.removeEventListener("pointerdown", begin, { capture: true });
        done({ at: performance.timeOrigin + (began ?? NaN), photon });
      };
      const timer = setTimeout(finish, LOST_CLICK_MS, null);
      const stop = eachPicture((picture, time) => {
        if (began === undefined || time < began) return;
        const marker = markerOf(picture);
        if (marker && marker !== before) finish(time - began);
      });
    });
  };

  /** Notes each new number that is shown and when; `stopRecording` gives them. */
  bench.record = () => {
    const shown = [];
    const stop = eachPicture((picture, time) => {
      const counter = counterOf(picture);
      if (counter !== null && counter !== shown.at(-1)?.[1]) shown.push([time, counter]);
    });
    bench.stopRecording = () => (stop(), shown);
  };

  /** Notes when the marker changes and when a tone begins; `stopBeats` gives both, in milliseconds. */
  bench.recordBeats = async () => {
    const tracks = connections.flatMap((connection) => connection.getReceivers().map(({ track }) => track));
    const sound = new MediaStream(tracks.filter(({ kind }) => kind === "audio"));
    const context = new AudioContext({ latencyHint: "interactive" });
    await context.resume();
    const analyser = new AnalyserNode(context, { fftSize: 1024 });
    context.createMediaStreamSource(sound).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const beats = { shown: [], heard: [] };
    let marker = markerOf(bench.picture());
    const stop = eachPicture((picture, time) => {
      const now = markerOf(picture);
      if (now && now !== marker) beats.shown.push(time);
      marker = now ?? marker;
    });
    let quietSince = 0;
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const now = performance.now();
      const first = samples.findIndex((sample) => Math.abs(sample) > 0.05);
      if (first < 0) return;
      const at = now - ((samples.length - first) * 1000) / context.sampleRate;
      if (at - quietSince > 150) beats.heard.push(at);
      quietSince = now;
    }, 4);
    bench.stopBeats = async () => {
      stop();
      clearInterval(timer);
      await context.close();
      return beats;
    };
  };

  /** The whole picture at the desktop's size, as it is now, and the number that it shows. */
  bench.captureNow = (picture = bench.picture()) => {
    const counter = counterOf(picture);
    const { data } = read(picture, 0, 0, bench.desktop.width, bench.desktop.height);
    return new Promise((done) => {
      const reader = new FileReader();
      reader.onload = () => done({ counter, base64: reader.result.slice(reader.result.indexOf(",") + 1) });
      reader.readAsDataURL(new Blob([data]));
    });
  };

  /** The same of the next picture that is shown. */
  bench.capture = () =>
    new Promise((done) => {
      const stop = eachPicture((picture) => {
        stop();
        done(bench.captureNow(picture));
      });
    });

  /** Bytes of both directions that WebRTC's transports have carried. */
  bench.transportBytes = async () => {
    const transports = await entries("transport");
    return transports.reduce((sum, { bytesReceived, bytesSent }) => sum + bytesReceived + bytesSent, 0);
  };

  /** What the browser itself counts of its received video; null without a video by WebRTC. */
  bench.videoStats = async () => {
    const video = (await entries("inbound-rtp")).find(({ kind }) => kind === "video");
    if (!video) return null;
    const { framesDecoded, freezeCount, totalFreezesDuration, packetsLost, nackCount, pliCount } = video;
    return { framesDecoded, freezeCount, totalFreezesDuration, packetsLost, nackCount, pliCount };
  };

  async function entries(type) {
    const open = connections.filter(({ connectionState }) => connectionState === "connected");
    const reports = await Promise.all(open.map((connection) => connection.getStats()));
    return reports.flatMap((report) => [...report.values()]).filter((entry) => entry.type === type);
  }
})();
