// Encoders that fail in the middle of a session.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, pictureSize, pixel, type, untilPicture } from "../harness/browser.mjs";
import { failingEncoder } from "../harness/failing-encoder.mjs";
import { Server, temporaryFolder } from "../harness/server.mjs";
import { until } from "../harness/wait.mjs";

let browser;
before(async () => (browser = await Browser.launch()));
after(() => browser?.close());

/** The encoder and why it, as the session's status has them: `NAME: REASON`. */
async function encoding(server, session) {
  const { stdout } = await server.run(["session", "list", "--json"]);
  const found = JSON.parse(stdout).items.find((item) => item.metadata.name === session.session);
  return found.status.conditions.find(({ type }) => type === "StreamerReady")?.message ?? "";
}

/** Whether some part of the picture is green. */
async function isGreen(page) {
  const { width, height } = await pictureSize(page);
  for (let row = 1; row < 9; row++) {
    for (let column = 1; column < 16; column++) {
      const [red, green, blue] = await pixel(page, Math.trunc((width * column) / 16), Math.trunc((height * row) / 9));
      if (green > 150 && red < 90 && blue < 90) return true;
    }
  }
  return false;
}

/** A session whose encoder will fail, and its page; the background becomes green when "hello, world" was typed. */
async function start(t) {
  const { env, fail } = await failingEncoder(await temporaryFolder(t));
  const server = await Server.start({ env });
  t.after(() => server.stop());
  const script = `read line; [ "$line" = "hello, world" ] && printf '\\033]11;#10c810\\007'; cat`;
  const session = await server.session(["xterm", "-e", "sh", "-c", script]);
  const page = await browser.open(session.address);
  t.after(() => page.context().close());
  await untilPicture(page);
  await until("the failing encoder", async () => (await encoding(server, session)).startsWith("vaapi: "));
  await page.evaluate(() => {
    const viewer = document.querySelector("streamspace-viewer");
    globalThis.states = [];
    const seen = () => globalThis.states.push(viewer.dataset.state);
    new MutationObserver(seen).observe(viewer, { attributeFilter: ["data-state"] });
  });
  return { server, session, page, fail };
}

/** The encoder that the session went on with, and why, when the picture has followed. */
async function another({ server, session, page }) {
  const now = await until("another encoder", async () => {
    const now = await encoding(server, session);
    return !now.startsWith("vaapi: ") && now;
  });
  await until("the picture to follow", () => isGreen(page));
  assert.deepEqual(await page.evaluate(() => globalThis.states), [], "the viewer kept its connection");
  return now;
}

for (const { how, name, reason } of [
  { how: "lost", name: "reports an error", reason: "the device was lost" },
  { how: "hang", name: "hangs", reason: "it hangs: \\d+ frames came out, and none for 300 ms" },
  { how: "swallow", name: "gives nothing any more", reason: "it hangs: \\d+ frames came out, and none for 300 ms" },
]) {
  test(`an encoder that ${name} while a person types gives way, and the picture goes on`, async (t) => {
    const started = await start(t);
    await type(started.page, "hello, ");
    await started.fail(how);
    await type(started.page, "world\n");
    assert.match(await another(started), new RegExp(`^x264: .*vaapi: failed: ${reason}`));
  });
}

test("an encoder that makes another picture gives way at the next keyframe", async (t) => {
  const started = await start(t);
  await started.fail("grey");
  await type(started.page, "hello, world\n");
  // Somebody who comes needs a keyframe.
  const other = await browser.open(await started.server.link(new URL(started.session.address).pathname));
  t.after(() => other.context().close());
  assert.match(await another(started), /^x264: .*vaapi: failed: its keyframe shows something else/);
  await until("the picture of who came", () => isGreen(other));
});
