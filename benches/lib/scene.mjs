// What is shown while something is measured, and how alike a received picture is.

import { until } from "../../e2e/harness/wait.mjs";
import { startDisplay } from "./display.mjs";
import { built, runProgram, startProgram } from "./programs.mjs";

/** Shows a scene over everything else while `work` runs, which begins when it is on the screen and gets it. */
export async function withScene(environment, args, work) {
  const scene = startProgram(built("scene"), args, { env: environment });
  try {
    await until("the scene", () => {
      if (scene.child.exitCode !== null) throw new Error(scene.stderr);
      return scene.stdout.startsWith("drawn");
    });
    return await work(scene);
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
      similarity(display.environment, capture, size),
    );
  } finally {
    await display.stop();
  }
}
