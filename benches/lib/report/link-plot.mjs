// Pictures a second and what the link carries, over the time of the links that change.

import { profiles } from "../measure/link.mjs";
import { colourOf, element, legend, line, picture, text, ticks } from "./svg.mjs";

const CHANGING = ["drop", "steps"];
const [LEFT, WIDTH, HEIGHT, GAP, TOP] = [50, 340, 150, 60, 90];

export function linkPlot(entries) {
  const measured = entries.filter(({ failure }) => !failure);
  const shown = profiles.filter(({ name }) => CHANGING.includes(name));
  const columns = shown.flatMap((profile, index) => {
    const own = measured.filter((entry) => entry.profile === profile.name);
    if (own.length === 0) return [];
    const x = LEFT + index * (WIDTH + GAP);
    return [
      text(x, TOP - 14, profile.label),
      ...chart({ x, y: TOP, name: "fps", series: own.map((entry) => [entry.peer, entry.fpsOverTime]) }),
      ...chart({ x, y: TOP + HEIGHT + 50, name: "Mbit/s", series: rates(own) }),
    ];
  });
  const peers = [...new Map(measured.map((entry) => [entry.peer, entry])).values()];
  const width = LEFT + CHANGING.length * (WIDTH + GAP);
  const height = TOP + 2 * HEIGHT + 90;
  return picture(width, height, "On links that change, second by second", [...legend(LEFT, 52, peers), ...columns]);
}

/** What each peer sent, and the link's own rate in black. */
function rates(entries) {
  const link = entries[0].linkOverTime.map(({ rateKbps }) => rateKbps / 1000);
  const sent = entries.map(({ peer, linkOverTime }) => [peer, linkOverTime.map(({ sentKbit }) => sentKbit / 1000)]);
  return [["link", link], ...sent];
}

function chart({ x, y, name, series }) {
  const scale = ticks(Math.max(...series.flatMap(([, values]) => values), 1), 4);
  const seconds = Math.max(...series.map(([, values]) => values.length), 2);
  const across = (index) => x + (WIDTH * index) / (seconds - 1);
  const down = (value) => y + HEIGHT * (1 - value / scale.at(-1));
  const grid = scale.map(
    (value) => line(x, down(value), x + WIDTH, down(value)) + text(x - 8, down(value) + 4, value, { "text-anchor": "end" }),
  );
  const curves = series.map(([peer, values]) =>
    element("polyline", {
      points: values.map((value, index) => `${across(index).toFixed(1)},${down(value).toFixed(1)}`).join(" "),
      fill: "none",
      stroke: peer === "link" ? "#000000" : colourOf(peer),
      "stroke-width": peer === "link" ? 1 : 2,
    }),
  );
  const axis = text(x + WIDTH, y + HEIGHT + 18, `${name}; ${seconds} s`, { "text-anchor": "end" });
  return [...grid, ...curves, axis];
}
