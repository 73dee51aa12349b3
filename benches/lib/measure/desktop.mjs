// Latency, load and quality of every peer at every size.

import { memoryOf } from "../proc.mjs";
import { withScene } from "../scene.mjs";
import { untilNumbered, withView } from "../view.mjs";
import { clickToPhoton } from "./clicks.mjs";
import { idle, moving, typing } from "./load.mjs";
import { movingQuality, stillQuality } from "./quality.mjs";

const FPS = 60;

/**
 * One entry for each peer and size: `{ peer, size, still, scroll, video, typing, idle, memory }`, or
 * `{ peer, size, failure }`. `what` is a set of `latency` and `load`.
 */
export async function measureDesktops(browser, peers, sizes, what, effort, log) {
  const entries = [];
  for (const size of sizes) {
    for (const peer of peers) {
      const entry = { peer: peer.name, label: peer.label, size: `${size.width}x${size.height}` };
      log(`${entry.label}, ${entry.size}`);
      try {
        const options = { size, fps: FPS, limitSeconds: effort.limitSeconds };
        Object.assign(entry, await withView(peer, browser, options, (view) => measure(view, what, effort)));
      } catch (error) {
        entry.failure = failure(error);
        log(`  could not be measured: ${entry.failure}`);
      }
      entries.push(entry);
    }
  }
  return entries;
}

/** What one part, `latency` or `load`, is about in these entries. */
export function entriesOf(part, entries) {
  const ofScene = ({ clicks, ...load } = {}) => (part === "latency" ? { clicks } : load);
  return entries.map(({ peer, label, size, element, failure, still, scroll, video, ...load }) => {
    const head = { peer, label, size, element, failure };
    if (failure) return head;
    const scenes = { still: ofScene(still), scroll: ofScene(scroll), video: ofScene(video) };
    return part === "latency" ? { ...head, ...scenes } : { ...head, ...scenes, ...load };
  });
}

export const failure = ({ message, cause }) => (cause ? `${message}: ${cause.message ?? cause}` : message);

async function measure(view, what, effort) {
  const result = {};
  const inScene = (kind, work) =>
    withScene(view.environment, [kind], async (scene) => {
      result.element = await untilNumbered(view.page);
      return work(scene);
    });
  if (what.has("latency")) {
    result.still = { clicks: await inScene("flash", (scene) => clickToPhoton(view, scene, effort.clicks)) };
  }
  if (what.has("load")) await inScene("text", () => measureText(view, effort, result));
  for (const kind of ["scroll", "video"]) {
    result[kind] = await inScene(kind, (scene) => measureMoving(kind, view, scene, what, effort));
  }
  if (what.has("load")) result.memory = await memoryOf(view.roots);
  return result;
}

async function measureText(view, effort, result) {
  result.still = { ...result.still, ssim: await stillQuality(view) };
  result.idle = await idle(view, effort.idleSeconds);
  result.typing = await typing(view, effort.typingSeconds);
}

async function measureMoving(kind, view, scene, what, effort) {
  const result = {};
  if (what.has("load")) {
    Object.assign(result, await moving(view, effort.loadSeconds));
    result.stages = (await view.stages?.(view.page)) ?? null;
    result.ssim = await movingQuality(kind, view);
  }
  if (what.has("latency")) result.clicks = await clickToPhoton(view, scene, effort.clicks);
  return result;
}
