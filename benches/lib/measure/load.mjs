// What a peer delivers and what it costs while a scene moves, while someone types, and at rest.

import { setTimeout as delay } from "node:timers/promises";
import { cpuDuring } from "../proc.mjs";
import { freezes } from "../statistics.mjs";
import { trafficOf } from "../traffic.mjs";

const KEYS_EACH_SECOND = 10;
const LETTERS = "etaoinshrdlucm";

/** CPU (percent of a core) and kbit/s while `work` runs. */
async function costOf(view, work) {
  const [bytes, began] = [await trafficOf(view), performance.now()];
  const { result, cpu } = await cpuDuring(view.roots, work);
  const kbps = (((await trafficOf(view)) - bytes) * 8) / (performance.now() - began);
  return { result, cpu, kbps };
}

/** Pictures that differ, a second, with freezes, CPU and kbit/s, of a scene that moves. */
export async function moving(view, seconds) {
  const { result, cpu, kbps } = await costOf(view, async () => {
    await view.page.evaluate(() => globalThis.bench.record());
    await delay(seconds * 1000);
    return view.page.evaluate(() => globalThis.bench.stopRecording());
  });
  const times = result.map(([time]) => time);
  const span = (times.at(-1) - times[0]) / 1000;
  return { fps: times.length > 1 ? (times.length - 1) / span : 0, freezes: freezes(times), cpu, kbps };
}

/** CPU and kbit/s while ten keys a second are typed. */
export async function typing(view, seconds) {
  const { cpu, kbps } = await costOf(view, async () => {
    for (let index = 0; index < seconds * KEYS_EACH_SECOND; index++) {
      const next = delay(1000 / KEYS_EACH_SECOND);
      await view.page.keyboard.press(LETTERS[index % LETTERS.length]);
      await next;
    }
  });
  return { cpu, kbps };
}

/** CPU and kbit/s of a still screen with a viewer. */
export async function idle(view, seconds) {
  const { cpu, kbps } = await costOf(view, () => delay(seconds * 1000));
  return { cpu, kbps };
}
