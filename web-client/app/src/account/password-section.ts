// Setting and changing one's password.

import { ApiError } from "../api.js";
import { field, form, passwordInput } from "../form.js";
import { element } from "../html.js";
import { errorText } from "../notice.js";
import { phrase, say } from "../texts.js";
import { setPassword, type Me } from "./account-api.js";
import { section } from "./section.js";

const MIN_LENGTH = 12;

export function passwordSection(me: Me, changed: (said: string) => Promise<void>): HTMLElement {
  const old = passwordInput({ autocomplete: "current-password" });
  const chosen = passwordInput({ autocomplete: "new-password", minLength: MIN_LENGTH });
  const rules = element("span", { className: "quiet" }, say(phrase("passwordRules")));
  const fields = [
    usernameFor(me),
    ...(me.hasPassword ? [field(say(phrase("oldPassword")), old)] : []),
    field(say(phrase("newPassword")), chosen, rules),
    shownBy(old, chosen),
  ];
  const save = async () => {
    await setPassword({ ...(me.hasPassword && { old: old.value }), new: chosen.value });
    await changed(say(phrase("passwordSet")));
  };
  const none = element("p", { className: "quiet" }, say(phrase("noPassword")));
  return section(
    say(phrase("password")),
    ...(me.hasPassword ? [] : [none]),
    form(fields, say(phrase("setPassword")), save, wrongPasswordText),
  );
}

/** Who is signed in has given no name that could be wrong. */
export function wrongPasswordText(error: unknown): string {
  const isWrong = error instanceof ApiError && error.problem?.code === "credentials-wrong";
  return isWrong ? say(phrase("wrongPassword")) : errorText(error);
}

/** By it password managers know whose password it is. */
export function usernameFor({ user }: Me): HTMLElement {
  return element("input", {
    type: "text",
    autocomplete: "username",
    value: user,
    readOnly: true,
    hidden: true,
  });
}

function shownBy(...inputs: HTMLInputElement[]): HTMLElement {
  const box = element("input", { type: "checkbox" });
  box.onchange = () => {
    for (const input of inputs) input.type = box.checked ? "text" : "password";
  };
  return element("label", { className: "check" }, box, say(phrase("showPassword")));
}
