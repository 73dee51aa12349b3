// A button that asks before it does what cannot be undone.

import { element } from "./html.js";

/** Long enough to read the question, too short to answer it by accident later. */
const QUESTION_MS = 6_000;

export function confirmButton(
  { label, name, question }: { label: string; name: string; question: string },
  run: () => void,
): HTMLButtonElement {
  const button = element("button", { type: "button", className: "small", ariaLabel: name }, label);
  let timer = 0;
  const calm = () => {
    button.textContent = label;
    button.ariaLabel = name;
    delete button.dataset["asks"];
  };
  button.onclick = () => {
    clearTimeout(timer);
    if (button.dataset["asks"]) return run();
    button.dataset["asks"] = "true";
    button.textContent = question;
    button.ariaLabel = `${question} ${name}`;
    timer = window.setTimeout(calm, QUESTION_MS);
  };
  button.onblur = calm;
  return button;
}
