// Forms: labelled fields, and a button that works while it is pressed.

import { element, type Child } from "./html.js";
import { errorText } from "./notice.js";

type InputProperties = Partial<HTMLInputElement>;

/** A field with its label above. */
export function field(label: string, input: HTMLElement, ...more: Child[]): HTMLElement {
  return element("label", { className: "field" }, label, input, ...more);
}

export function textInput(properties: InputProperties): HTMLInputElement {
  return element("input", { type: "text", required: true, ...properties });
}

export function passwordInput(properties: InputProperties): HTMLInputElement {
  return textInput({ type: "password", maxLength: 1024, ...properties });
}

/** For a code, be it of an app or one for recovery. */
export function codeInput(): HTMLInputElement {
  return textInput({
    autocomplete: "one-time-code",
    autocapitalize: "off",
    spellcheck: false,
    maxLength: 64,
    dir: "ltr",
  });
}

export function choice(options: [value: string, label: string][]): HTMLSelectElement {
  const created = options.map(([value, label]) => element("option", { value }, label));
  return element("select", {}, ...created);
}

/**
 * A form that runs `submit`, once at a time, and says below its fields why it failed. `explain` may
 * say it in words that fit the form better.
 */
export function form(
  parts: Child[],
  button: string,
  submit: () => Promise<void>,
  explain: (error: unknown) => string = errorText,
): HTMLFormElement {
  const problem = element("p", { className: "problem", role: "alert", hidden: true });
  const send = element("button", { type: "submit", className: "button primary" }, button);
  const created = element("form", { className: "form" }, ...parts, problem, send);
  created.onsubmit = async (event) => {
    event.preventDefault();
    if (send.disabled) return;
    send.disabled = true;
    problem.hidden = true;
    try {
      await submit();
    } catch (error) {
      problem.textContent = explain(error);
      problem.hidden = false;
    } finally {
      send.disabled = false;
    }
  };
  return created;
}
