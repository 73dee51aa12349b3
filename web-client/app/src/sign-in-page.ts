// What is shown while nobody is signed in: name, password, and a code where the account asks for one; and
// the other ways in, by a passkey or an identity provider.

import { ApiError, signIn, signInMethods } from "./api.js";
import { codeInput, field, form, passwordInput, textInput } from "./form.js";
import { element } from "./html.js";
import { errorText, messagePage, withCode } from "./notice.js";
import { isPasskeyStopped, passkeysWork, usePasskey } from "./passkey.js";
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
    ...(passkeysWork() ? [passkeyForm()] : []),
    providerLink(),
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
      if (hasCode(error, "second-factor-needed")) {
        askForCode(true);
        code.focus();
        return;
      }
      if (hasCode(error, "passkey-needed") && passkeysWork()) {
        await signIn({ ...shown, passkey: await usePasskey() });
        location.reload();
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
  return form(fields, say(phrase("signIn")), send, explain);
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof ApiError && error.problem?.code === code;
}

function explain(error: unknown): string {
  return isPasskeyStopped(error) ? say(phrase("noPasskeyUsed")) : errorText(error);
}

/** A passkey says itself whose it is. */
function passkeyForm(): HTMLElement {
  const send = async () => {
    await signIn({ passkey: await usePasskey() });
    location.reload();
  };
  return form([], say(phrase("signInByPasskey")), send, explain);
}

/** Comes once the server has said that there is a provider. */
function providerLink(): HTMLElement {
  const place = element("p", { hidden: true });
  void signInMethods()
    .then(({ provider }) => {
      if (provider == null) return;
      const href = `${provider.path}?${new URLSearchParams({ page: location.pathname }).toString()}`;
      const label = say(phrase("signInBy", { label: provider.label }));
      place.replaceChildren(element("a", { href, className: "button" }, label));
      place.hidden = false;
    })
    // Who cannot be asked now says so on the next try to sign in.
    .catch((error: unknown) => console.warn("no other ways to sign in are known:", error));
  return place;
}
