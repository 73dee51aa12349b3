// Several people in one session, as each sees the others.

import { untilPicture } from "./browser.mjs";
import { until } from "./wait.mjs";

const viewer = (page) => page.locator("streamspace-viewer");

/** Presses a button of the toolbar, in sight or not. */
export const press = (page, icon) => viewer(page).locator(`.toolbar [data-icon=${icon}]`).dispatchEvent("click");

async function openPanel(page, icon) {
  const panel = viewer(page).locator(`.${icon}-panel`);
  if (!(await panel.isVisible())) await press(page, icon);
  return panel;
}

export const peoplePanel = (page) => openPanel(page, "people");
export const chatPanel = (page) => openPanel(page, "chat");

/** Makes a share link as its owner does, and gives its address. */
export async function makeLink(page, role, label = "") {
  const panel = await peoplePanel(page);
  const [roles, lifetimes] = [panel.locator("select").first(), panel.locator("select").last()];
  await roles.selectOption(role);
  await lifetimes.selectOption("hour");
  await panel.locator(".share-form input").fill(label);
  await panel.locator(".share-form button").click();
  return until("the new link", () => panel.locator(".made-link input").inputValue());
}

/** Opens a share link in a profile of its own, under a name. */
export async function joinByLink(browser, link, name, settings) {
  const page = await browser.open(link, settings);
  await page.locator(".name-form input").fill(name);
  await page.locator(".name-form button").click();
  await untilPicture(page);
  await until(`${name} to see who is here`, async () => (await people(page)).length > 0);
  return page;
}

/** Who is here, as the page is told: [{ name, role, asks, path, viewer }]. */
export const people = (page) => page.evaluate(() => document.querySelector("streamspace-viewer").people);

/** Waits until a page knows that everyone has these roles: { Ada: "own" }. */
export function untilRoles(page, roles) {
  return until(`the roles ${JSON.stringify(roles)}`, async () => {
    const here = Object.fromEntries((await people(page)).map(({ name, role }) => [name, role]));
    const names = Object.keys(roles);
    return names.length === Object.keys(here).length && names.every((name) => here[name] === roles[name]);
  });
}

const ASKED_TWICE = new Set(["handOver", "remove"]);

/** Does something about a person in the panel; what is asked for twice is said twice. */
export async function actOn(page, name, action) {
  const panel = await peoplePanel(page);
  const row = panel.locator("li", { has: page.locator(".who > bdi", { hasText: name }) });
  const button = row.locator(`button[data-action=${action}]`);
  await button.click();
  if (ASKED_TWICE.has(action)) await button.click();
}

/** Does something about one's own role. */
export async function actOnOneself(page, action) {
  const panel = await peoplePanel(page);
  await panel.locator(`.own-action button[data-action=${action}]`).click();
}

export async function say(page, text) {
  const panel = await chatPanel(page);
  await panel.locator("textarea").fill(text);
  await panel.locator("textarea").press("Enter");
}

/** The lines of the chat: ["Ada: hello"]. */
export async function chatLines(page) {
  const panel = await chatPanel(page);
  return panel.locator(".line").evaluateAll((lines) =>
    lines.map((line) => `${line.querySelector(".name").textContent}: ${line.querySelector("p").textContent}`),
  );
}
