// A part of the account page.

import { element, type Child } from "../html.js";
import { errorText } from "../notice.js";

export function section(title: string, ...body: Child[]): HTMLElement {
  const heading = element("h2", {}, title);
  return element("section", { className: "panel", tabIndex: -1 }, heading, ...body);
}

/** A button that says beside itself why it failed. `name` is what screen readers call it. */
export function actionRow(
  className: string,
  label: string,
  run: () => Promise<void>,
  name = label,
): HTMLElement {
  const problem = element("span", { className: "problem", role: "alert" });
  const button = element("button", { type: "button", className, ariaLabel: name }, label);
  button.onclick = async () => {
    button.disabled = true;
    problem.textContent = "";
    try {
      await run();
    } catch (error) {
      problem.textContent = errorText(error);
    } finally {
      button.disabled = false;
    }
  };
  return element("span", { className: "action" }, button, problem);
}
