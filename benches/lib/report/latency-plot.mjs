// Click-to-photon as bars: p50 full, up to p95 pale.

import { colourOf, element, legend, line, picture, text, ticks } from "./svg.mjs";

const SCENES = [
  ["still", "still"],
  ["scroll", "scrolling"],
  ["video", "video"],
];
const [LEFT, TOP, BAR, GAP, HEIGHT] = [50, 80, 20, 28, 260];

export function latencyPlot(entries) {
  const measured = entries.filter(({ failure }) => !failure);
  const sizes = [...new Set(measured.map(({ size }) => size))];
  const groups = sizes.flatMap((size) =>
    SCENES.map(([scene, name]) => ({
      names: [name, size],
      bars: measured.filter((entry) => entry.size === size).map((entry) => ({ ...entry, clicks: entry[scene].clicks })),
    })),
  );
  const most = Math.max(...groups.flatMap(({ bars }) => bars.map(({ clicks }) => clicks.p95)), 1);
  const scale = ticks(most);
  const y = (ms) => TOP + HEIGHT * (1 - ms / scale.at(-1));
  const width = LEFT + groups.reduce((sum, { bars }) => sum + bars.length * BAR + GAP, 0) + 20;
  const grid = scale.map((ms) => line(LEFT, y(ms), width - 20, y(ms)) + text(12, y(ms) + 4, ms));
  const peers = measured.filter(({ size }) => size === sizes[0]);
  return picture(Math.max(width, 760), TOP + HEIGHT + 50, "Click to photon, ms: p50, and pale up to p95", [
    ...legend(LEFT, 52, peers),
    ...grid,
    ...drawGroups(groups, y),
  ]);
}

function drawGroups(groups, y) {
  let x = LEFT + GAP / 2;
  return groups.flatMap(({ names, bars }) => {
    const middle = x + (bars.length * BAR) / 2;
    const drawn = bars.map((bar, index) => drawBar(x + index * BAR, bar, y));
    x += bars.length * BAR + GAP;
    const below = names.map((name, row) =>
      text(middle, TOP + HEIGHT + 20 + row * 16, name, { "text-anchor": "middle" }),
    );
    return [...drawn, ...below];
  });
}

function drawBar(x, { peer, clicks }, y) {
  const fill = colourOf(peer);
  const part = (from, to, opacity) =>
    element("rect", { x, y: y(to), width: BAR - 3, height: y(from) - y(to), fill, "fill-opacity": `${opacity}` });
  return part(0, clicks.p50, 1) + part(clicks.p50, clicks.p95, 0.35);
}
