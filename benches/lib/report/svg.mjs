// Small pieces of SVG, and what all plots share.

const COLOURS = {
  streamspace: "#0b6e4f",
  "streamspace-webcodecs": "#7fb69e",
  novnc: "#c8553d",
  webrtcbin: "#8d99ae",
  "selkies-webrtc": "#2f6690",
  "selkies-websocket": "#81a4cd",
};

export const colourOf = (peer) => COLOURS[peer] ?? "#666666";

const escape = (text) => `${text}`.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
const round = (value) => (typeof value === "number" ? Math.round(value * 10) / 10 : escape(value));

/** An element; `content` is SVG already. */
export function element(name, attributes, content = "") {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${round(value)}"`);
  return `<${name}${written.join("")}>${content}</${name}>`;
}

export const text = (x, y, content, attributes = {}) => element("text", { x, y, ...attributes }, escape(content));

export const line = (x1, y1, x2, y2, stroke = "#dddddd", width = 1) =>
  element("line", { x1, y1, x2, y2, stroke, "stroke-width": width });

/** A picture on white paper, for light and dark pages alike. */
export function picture(width, height, title, parts) {
  const paper = element("rect", { width, height, fill: "#ffffff" });
  const head = text(16, 24, title, { "font-size": 15, "font-weight": "bold" });
  const attributes = {
    xmlns: "http://www.w3.org/2000/svg",
    viewBox: `0 0 ${width} ${height}`,
    "font-family": "sans-serif",
    "font-size": 12,
    fill: "#222222",
  };
  return `${element("svg", attributes, [paper, head, ...parts].join("\n"))}\n`;
}

/** The peers' names with their colours, one beside another. */
export function legend(x, y, peers) {
  let left = x;
  return peers.map(({ peer, label }) => {
    const parts = [
      element("rect", { x: left, y: y - 10, width: 12, height: 12, fill: colourOf(peer) }),
      text(left + 17, y, label),
    ];
    left += 40 + label.length * 6.6;
    return parts.join("");
  });
}

/** Values of an axis: round steps from 0 to at least `most`. */
export function ticks(most, count = 5) {
  const rough = Math.max(most, 1e-9) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((value) => value >= rough);
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, index) => index * step);
}
