// A shaped link: the browser gets a network namespace of its own, whose only way out is the link.

import { spawnSync } from "node:child_process";
import { access } from "node:fs/promises";
import { browserIn, ip, obstacle } from "../../e2e/harness/namespace.mjs";
import { until } from "../../e2e/harness/wait.mjs";
import { atExit, temporaryFolder } from "./cleanup.mjs";
import { built, startProgram } from "./programs.mjs";

/** Why this machine cannot have such a link; null if it can. */
export const linkObstacle = () => obstacle(() => access("/dev/net/tun"));

/**
 * Makes a link with this profile. `address` is the server's, `browserProgram` starts Chromium at the
 * other end, `begin` starts the profile's time, `reports` gives what the link said each second.
 */
export async function openLink({ rates, delayMs, lossPercent, queueMs }) {
  // Names and addresses of this process, so that two runs do not meet.
  const [namespace, near, far] = ["streamspace-", "ssnear", "ssfar"].map((name) => `${name}${process.pid}`);
  const subnet = `10.213.${process.pid % 256}`;
  const folder = await temporaryFolder();
  const forget = atExit(() => spawnSync("ip", ["netns", "delete", namespace]));
  const link = startProgram(built("link"), [
    ...["--near", near, "--far", far, "--rates", rates, "--delay-ms", `${delayMs}`],
    ...["--loss-percent", `${lossPercent}`, "--queue-ms", `${queueMs}`],
  ]);
  const close = async () => {
    await link.stop();
    forget();
    folder.remove();
  };
  try {
    await until("the link", () => {
      if (link.child.exitCode !== null) throw new Error(link.stderr);
      return link.stdout.startsWith("ready");
    });
    await connect({ namespace, near, far, subnet });
    return {
      address: `${subnet}.1`,
      browserProgram: await browserIn(namespace, folder.path),
      begin: () => link.child.stdin.write("begin\n"),
      reports: () => reportsIn(link.stdout),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function connect({ namespace, near, far, subnet }) {
  await ip("netns", "add", namespace);
  await ip("link", "set", near, "netns", namespace);
  await ip("-n", namespace, "address", "add", `${subnet}.2/24`, "dev", near);
  await ip("-n", namespace, "link", "set", "lo", "up");
  await ip("-n", namespace, "link", "set", near, "up");
  await ip("address", "add", `${subnet}.1/24`, "dev", far);
  await ip("link", "set", far, "up");
}

function reportsIn(output) {
  const whole = output.slice(0, output.lastIndexOf("\n"));
  return whole.split("\n").slice(1).map((line) => JSON.parse(line));
}
