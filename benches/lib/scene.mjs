// What is shown while something is measured, and how alike a received picture is.

import { startDisplay } from "./display.mjs";
import { built, runProgram, startProgram } from "./programs.mjs";

/** Shows a scene over everything else while `work` runs. */
export async function withScene(environment, args, work) {
  const scene = startProgram(built("scene"), args, { env: environment });
  try {
    return await work();
  } catch (error) {
    throw scene.stderr ? new Error(`the scene failed: ${scene.stderr}`, { cause: error }) : error;
  } finally {
    await scene.stop();
  }
}

/** Structural similarity (0 to 1) of a received picture and what the display shows now. */
export async function similarity(environment, capture, { width }) {
  const input = Buffer.from(capture.base64, "base64");
  return Number(await runProgram(built("similarity"), ["--width", `${width}`], { env: environment, input }));
}

/** The same for a moving scene: with its picture of the received number, drawn once more. */
export async function similarityToPicture(kind, capture, size) {
  const display = await startDisplay(size);
  try {
    return await withScene(display.environment, [kind, "--picture", `${capture.counter}`], () =>
      untilDrawn(() => similarity(display.environment, capture, size)),
    );
  } finally {
    await display.stop();
  }
}

/** The highest of the values until they stay the same: the original is being drawn meanwhile. */
async function untilDrawn(measure) {
  let before = await measure();
  for (;;) {
    const value = await measure();
    if (value === before && value > 0.2) return value;
    before = value;
  }
}
