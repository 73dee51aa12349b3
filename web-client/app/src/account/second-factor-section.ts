// Setting an authenticator app up, and taking it away.

import { codeInput, field, form, passwordInput } from "../form.js";
import { element } from "../html.js";
import { phrase, say } from "../texts.js";
import {
  confirmSecondFactor,
  removeSecondFactor,
  startSecondFactor,
  type Me,
  type SecondFactorStarted,
} from "./account-api.js";
import { usernameFor, wrongPasswordText } from "./password-section.js";
import { section } from "./section.js";

type Changed = (said: string | null) => Promise<void>;

export function secondFactorSection(me: Me, changed: Changed): HTMLElement {
  const title = say(phrase("secondFactor"));
  if (me.hasSecondFactor) return section(title, ...removal(me, changed));
  const explained = quiet(say(phrase("factorExplained")));
  if (!me.hasPassword) return section(title, explained, quiet(say(phrase("factorNeedsPassword"))));
  return section(title, explained, setUp(me, changed));
}

function quiet(text: string): HTMLElement {
  return element("p", { className: "quiet" }, text);
}

/** Asks for the password, then shows the app's secret in its own place. */
function setUp(me: Me, changed: Changed): HTMLElement {
  const password = passwordInput({ autocomplete: "current-password" });
  const start = async () => {
    const started = await startSecondFactor(password.value);
    asking.replaceWith(confirmation(started, changed));
  };
  const fields = [usernameFor(me), field(say(phrase("password")), password)];
  const asking = form(fields, say(phrase("setUp")), start, wrongPasswordText);
  return asking;
}

function confirmation(started: SecondFactorStarted, changed: Changed): HTMLElement {
  const picture = element("img", {
    src: `data:image/svg+xml,${encodeURIComponent(started.picture)}`,
    alt: say(phrase("qrCode")),
    className: "qr",
  });
  const secret = element("input", {
    type: "text",
    readOnly: true,
    value: started.secret,
    dir: "ltr",
    className: "secret",
  });
  const code = codeInput();
  code.inputMode = "numeric";
  const confirm = async () => {
    const codes = await confirmSecondFactor(code.value);
    asking.replaceWith(recoveryCodes(codes, changed));
  };
  const fields = [
    element("p", {}, say(phrase("scanCode"))),
    // A phone cannot scan its own screen; there the link opens the app.
    element("a", { href: started.uri, className: "qr-link" }, picture),
    field(say(phrase("appSecret")), secret),
    field(say(phrase("appCode")), code),
  ];
  const asking = form(fields, say(phrase("confirm")), confirm);
  queueMicrotask(() => code.focus());
  return asking;
}

function recoveryCodes(codes: string[], changed: Changed): HTMLElement {
  const items = codes.map((code) => element("li", {}, element("code", { dir: "ltr" }, code)));
  const done = element(
    "button",
    { type: "button", className: "button primary" },
    say(phrase("done")),
  );
  done.onclick = () => void changed(null);
  const shown = element(
    "div",
    { className: "form", tabIndex: -1 },
    element("h3", {}, say(phrase("recoveryCodes"))),
    element("p", {}, say(phrase("keepCodes"))),
    element("ul", { className: "codes" }, ...items),
    done,
  );
  queueMicrotask(() => shown.focus());
  return shown;
}

function removal(me: Me, changed: Changed): HTMLElement[] {
  const password = passwordInput({ autocomplete: "current-password" });
  const code = codeInput();
  const remove = say(phrase("removeFactor"));
  const byPassword = async () => {
    await removeSecondFactor({ password: password.value });
    await changed(null);
  };
  const byCode = async () => {
    await removeSecondFactor({ recoveryCode: code.value });
    await changed(null);
  };
  const fields = [usernameFor(me), field(say(phrase("password")), password)];
  return [
    element("p", {}, say(phrase("factorIsOn", { count: me.recoveryCodesLeft }))),
    form(fields, remove, byPassword, wrongPasswordText),
    element(
      "details",
      {},
      element("summary", {}, say(phrase("byRecoveryCode"))),
      form([field(say(phrase("recoveryCode")), code)], remove, byCode),
    ),
  ];
}
