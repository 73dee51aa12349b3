// What is shown while nobody is signed in: name, password, and a code where the account asks for one.

import { ApiError, signIn } from "./api.js";
import { codeInput, field, form, passwordInput, textInput } from "./form.js";
import { element } from "./html.js";
import { messagePage, withCode } from "./notice.js";
import { phrase, say } from "./texts.js";

const UP = "streamspace up";
const LINK = "streamspace link";

/** Loads the page again once somebody has signed in. `problem` says why a link did not. */
export function signInPage(problem: string | null): HTMLElement {
  const prints = say(phrase("printsAddress", { up: UP, link: LINK }));
  return messagePage(
    say(phrase("signIn")),
    ...(problem === null ? [] : [element("p", { className: "problem", role: "alert" }, problem)]),
    signInForm(),
    element("p", { className: "quiet" }, say(phrase("openAddress"))),
    element("p", { className: "quiet" }, ...withCode(prints, [UP, LINK])),
  );
}

function signInForm(): HTMLElement {
  const name = textInput({
    autocomplete: "username",
    autocapitalize: "off",
    spellcheck: false,
    dir: "auto",
  });
  const password = passwordInput({ autocomplete: "current-password" });
  const code = codeInput();
  const codeField = field(say(phrase("codeNeeded")), code);
  const askForCode = (needed: boolean) => {
    codeField.hidden = !needed;
    code.disabled = !needed;
    code.value = "";
  };
  askForCode(false);
  // Another account may need none.
  name.oninput = () => askForCode(false);
  const send = async () => {
    const shown = { name: name.value.trim(), password: password.value };
    try {
      await signIn(code.disabled ? shown : { ...shown, code: code.value });
      location.reload();
    } catch (error) {
      if (error instanceof ApiError && error.problem?.code === "second-factor-needed") {
        askForCode(true);
        code.focus();
        return;
      }
      (code.disabled ? password : code).select();
      throw error;
    }
  };
  const fields = [
    field(say(phrase("userName")), name),
    field(say(phrase("password")), password),
    codeField,
  ];
  return form(fields, say(phrase("signIn")), send);
}
