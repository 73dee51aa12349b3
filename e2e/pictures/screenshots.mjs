// Takes the pictures of the viewer in docs/: `npm run screenshots`, with what `npm test` needs.

import { mkdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Browser, onPage, pictureSize, untilPicture } from "../harness/browser.mjs";
import { displaySize, inside, processesOf } from "../harness/machine.mjs";
import { actOn, actOnOneself, chatPanel, joinByLink, makeLink, peoplePanel, say } from "../harness/people.mjs";
import { Server } from "../harness/server.mjs";
import { PHONE } from "../harness/touch.mjs";
import { until } from "../harness/wait.mjs";

const folder = fileURLToPath(new URL("../../docs/viewer", import.meta.url));
const WINDOW = { width: 1280, height: 800 };

const README = fileURLToPath(new URL("../../README.md", import.meta.url));
const TERMINAL = `xfce4-terminal --hide-menubar --title Terminal --geometry 64x18+40+90 -x \
  env 'PS1=$ ' sh -c 'sed -n 1,12p ${README} | fold -s -w 62; exec sh' >/dev/null 2>&1 &`;

const PICTURES = [
  { name: "desktop-dark", settings: { ...WINDOW, colorScheme: "dark" }, open: ["stats"] },
  { name: "desktop-light", settings: { ...WINDOW, colorScheme: "light" }, open: ["keys"] },
  { name: "desktop-arabic", settings: { ...WINDOW, colorScheme: "light", locale: "ar" }, open: ["stats"] },
  { name: "phone", settings: { ...PHONE, deviceScaleFactor: 2, colorScheme: "dark" }, open: ["keys"], bar: false },
  { name: "phone-controls", settings: { ...PHONE, deviceScaleFactor: 2, colorScheme: "light" }, open: ["more"] },
];

const server = await Server.start();
const browser = await Browser.launch();
try {
  await mkdir(folder, { recursive: true });
  const session = await startDesktop();
  const wanted = process.argv.slice(2);
  const isWanted = (name) => wanted.length === 0 || wanted.includes(name);
  for (const picture of PICTURES) if (isWanted(picture.name)) await take(session, picture);
  if (isWanted("people")) await takePeople(session);
} finally {
  await browser.close();
  await server.stop();
}

async function startDesktop() {
  const { stdout } = await server.run(["session", "create", "xfce-desktop", "--json"]);
  const { name } = JSON.parse(stdout).metadata;
  const status = await until("the desktop", async () => {
    const { stdout } = await server.run(["session", "list", "--json"]);
    const session = JSON.parse(stdout).items.find(({ metadata }) => metadata.name === name);
    const windows = await inside(session.status, "xwininfo", ["-root", "-tree"]);
    return windows.includes("xfce4-panel") && windows.includes("xfdesktop") && session.status;
  }, 60_000);
  await quitWallpaper(name);
  await inside(status, "sh", ["-c", `cd /; ${TERMINAL}`]);
  return { name, ...status };
}

/** A plain ground packs small. */
async function quitWallpaper(session) {
  for (const pid of await processesOf(session)) {
    const command = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "");
    if (command.trim() !== "xfdesktop") continue;
    process.kill(pid, "SIGTERM");
    await until("no wallpaper", async () => !(await processesOf(session)).includes(pid));
  }
}

async function take(session, { name, settings, open, bar = true }) {
  const page = await browser.open(await server.link(`/session/${session.name}`), settings);
  await untilPicture(page);
  await until("a desktop of this size", async () => {
    const [display, picture] = [await displaySize(session), await pictureSize(page)];
    const isTall = display.height > display.width;
    return picture.width === display.width && isTall === settings.height > settings.width;
  });
  const viewer = page.locator("streamspace-viewer");
  for (const icon of open) await viewer.locator(`[data-icon=${icon}]`).dispatchEvent("click");
  if (open.includes("stats")) await typeAWhile(page);
  const edge = viewer.locator(".toolbar-edge");
  if (bar) await edge.evaluate((edge) => edge.classList.add("shown"));
  else await until("the bar out of sight", () => edge.evaluate((edge) => !edge.classList.contains("shown")));
  await still(page);
  await page.screenshot({ path: `${folder}/${name}.png` });
  await page.context().close();
}

/** A session that three people are in: its owner sees who they are, a guest reads the chat on a phone. */
async function takePeople(session) {
  const settings = { ...WINDOW, colorScheme: "dark" };
  const owner = await browser.open(await server.link(`/session/${session.name}`), settings);
  await untilPicture(owner);
  const link = await makeLink(owner, "view", "the team");
  const ada = await joinByLink(browser, link, "Ada Lovelace", WINDOW);
  const phone = { ...PHONE, deviceScaleFactor: 2, colorScheme: "light" };
  const grace = await joinByLink(browser, link, "Grace Hopper", phone);
  await actOn(owner, "Ada", "give");
  await say(ada, "Hello! I have the text open, look at its second line.");
  await say(grace, "I see it. May I?");
  await say(owner, "Of course: ask for control, the button is under People.");
  await peoplePanel(grace);
  await actOnOneself(grace, "ask");
  await chatPanel(grace);
  await until("the whole chat", async () => (await grace.locator("streamspace-viewer").locator(".line").count()) === 3);
  await grace.screenshot({ path: `${folder}/people-phone.png` });
  await peoplePanel(owner);
  await ada.locator("streamspace-viewer").locator(".chat-panel .dismiss").click();
  const place = await onPage(ada, 420, 260);
  await until("Ada's pointer", async () => {
    await ada.mouse.move(place.x + 1, place.y);
    await ada.mouse.move(place.x, place.y);
    return owner.locator("streamspace-viewer").locator(".other").isVisible();
  });
  await owner.locator("streamspace-viewer").locator(".toolbar-edge").evaluate((edge) => edge.classList.add("shown"));
  await owner.screenshot({ path: `${folder}/people.png` });
  for (const page of [owner, ada, grace]) await page.context().close();
}

/** So that the figures are of work, and not of how the connection began. */
async function typeAWhile(page) {
  await page.evaluate(() => document.querySelector("streamspace-viewer").focus());
  for (let line = 0; line < 6; line++) {
    await page.keyboard.type("a desktop in a browser tab, at native feel", { delay: 60 });
    await page.keyboard.press("Control+KeyU");
  }
}

/** Waits until two pictures in a row are the same, but for the figures. */
async function still(page) {
  let before;
  await until("a still picture", async () => {
    const now = (await page.screenshot({ clip: { x: 0, y: 100, width: 380, height: 400 } })).toString("base64");
    const isSame = now === before;
    before = now;
    return isSame;
  }, 30_000);
}
