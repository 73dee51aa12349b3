// Who is here, what each may do, and what the one who looks may do about it.

import type { Language } from "../core/language.js";
import {
  ACTION_NAMES,
  OWN_ACTION_NAMES,
  colourOf,
  initials,
  needsConfirmation,
  roleName,
  type OwnAction,
  type People,
  type PersonAction,
} from "../core/people.js";
import type { ClientMessage, PersonHere, Role } from "../core/protocol.js";
import { phrase } from "../core/texts.js";
import { confirmButton } from "./confirm-button.js";
import { element } from "./html.js";
import { Panel } from "./panel.js";

export interface PeoplePanelEvents {
  tell(message: ClientMessage): void;
  /** What the one who looks came with. */
  granted(): Role;
  closed(): void;
}

export class PeoplePanel {
  readonly panel: Panel;
  readonly #list = element("ul", { className: "people" });
  readonly #own = element("div", { className: "own-action" });
  readonly #people: People;
  readonly #events: PeoplePanelEvents;
  /** What is shown; a list that is the same keeps the focus on its buttons. */
  #shown = "";

  constructor(people: People, share: HTMLElement, events: PeoplePanelEvents) {
    this.#people = people;
    this.#events = events;
    this.panel = new Panel("people", [this.#list, this.#own, share], () => events.closed());
  }

  speak(language: Language): void {
    this.panel.speak(language, phrase("people"));
    this.update(language);
  }

  update(language: Language): void {
    const { here, me } = this.#people;
    const shown = JSON.stringify([language.code, here, me]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const focused = this.#focusedLabel();
    this.#list.replaceChildren(...here.map((person) => this.#person(person, language)));
    const own = this.#people.ownAction(this.#events.granted());
    this.#own.replaceChildren(...(own ? [this.#ownAction(own, language)] : []));
    if (focused !== null) this.#focusAgain(focused);
  }

  #person(person: PersonHere, language: Language): HTMLElement {
    const { viewer, name, guest, role, asks, path } = person;
    const say = language.say.bind(language);
    const mark = element(
      "span",
      { className: "mark", ariaHidden: "true" },
      initials(name, language.code),
    );
    mark.style.setProperty("--person", colourOf(viewer));
    const notes = [
      ...(this.#people.isMe(viewer) ? [say(phrase("you"))] : []),
      ...(guest ? [say(phrase("guest"))] : []),
      say(roleName(role)),
      ...(path === "vnc" ? [say(phrase("byVnc"))] : []),
    ];
    const role_ = element("span", { className: "role" }, notes.join(" · "));
    role_.dataset["role"] = role;
    const asking = element("span", { className: "asks" }, say(phrase("asksForControl")));
    const text = element(
      "div",
      { className: "who" },
      element("bdi", {}, name),
      role_,
      ...(asks ? [asking] : []),
    );
    const actions = this.#people
      .actionsFor(person)
      .map((action) => this.#action(action, person, language));
    const row = element("li", {}, mark, text);
    if (actions.length > 0) row.append(element("div", { className: "actions" }, ...actions));
    row.dataset["viewer"] = String(viewer);
    return row;
  }

  #action(action: PersonAction, person: PersonHere, language: Language): HTMLButtonElement {
    const label = language.say(ACTION_NAMES[action]);
    const name = language.say(phrase("actionOn", { action: label, name: person.name }));
    const run = () => this.#events.tell(messageOf(action, person));
    const question = language.say(
      phrase(action === "remove" ? "confirmRemove" : "confirmHandOver"),
    );
    const button = needsConfirmation(action)
      ? confirmButton({ label, name, question }, run)
      : element(
          "button",
          { type: "button", className: "small", ariaLabel: name, onclick: run },
          label,
        );
    button.dataset["action"] = action;
    return button;
  }

  #ownAction(action: OwnAction, language: Language): HTMLElement {
    const label = language.say(OWN_ACTION_NAMES[action]);
    if (action === "asked") return element("p", { className: "quiet" }, label);
    const onclick = () => this.#events.tell(this.#ownMessage(action));
    const button = element("button", { type: "button", className: "action", onclick }, label);
    button.dataset["action"] = action;
    return button;
  }

  #ownMessage(action: Exclude<OwnAction, "asked">): ClientMessage {
    const viewer = this.#people.me?.viewer ?? 0;
    if (action === "ask") return { type: "askControl" };
    return { type: "setRole", viewer, role: action === "giveUp" ? "view" : "own" };
  }

  #focusedLabel(): string | null {
    const root = this.panel.view.getRootNode() as ShadowRoot | Document;
    const { activeElement } = root;
    return this.#list.contains(activeElement) ? (activeElement?.ariaLabel ?? null) : null;
  }

  /** The row was built anew under the focus. */
  #focusAgain(label: string): void {
    const buttons = [...this.#list.querySelectorAll("button")];
    const same = buttons.find(({ ariaLabel }) => ariaLabel === label);
    if (same) same.focus();
    else this.panel.focus();
  }
}

function messageOf(action: PersonAction, { viewer }: PersonHere): ClientMessage {
  switch (action) {
    case "give":
      return { type: "setRole", viewer, role: "control" };
    case "refuse":
    case "takeBack":
      return { type: "setRole", viewer, role: "view" };
    case "handOver":
      return { type: "setRole", viewer, role: "own" };
    case "remove":
      return { type: "remove", viewer };
  }
}
