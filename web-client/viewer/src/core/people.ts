// Who is here, what has changed since the last time, and what one may do about another.

import type { Phrase } from "./language.js";
import type { PersonHere, Role, ViewerId } from "./protocol.js";
import { phrase } from "./texts.js";

/** What a person is told when something happens among them. */
export type PeopleNews =
  /** Somebody asks for control, which only owners can give. */
  | { type: "asks"; person: PersonHere }
  | { type: "role"; role: Role; before: Role }
  | { type: "refused" };

export type PersonAction = "give" | "refuse" | "takeBack" | "handOver" | "remove";
export type OwnAction = "ask" | "asked" | "giveUp" | "takeBackSession";

export class People {
  #you: ViewerId | null = null;
  #here: readonly PersonHere[] = [];

  /** In the order in which they came. */
  get here(): readonly PersonHere[] {
    return this.#here;
  }

  get me(): PersonHere | null {
    return this.#here.find(({ viewer }) => viewer === this.#you) ?? null;
  }

  get areOthersHere(): boolean {
    return this.#here.length > 1;
  }

  isMe(viewer: ViewerId): boolean {
    return viewer === this.#you;
  }

  find(viewer: ViewerId): PersonHere | null {
    return this.#here.find((person) => person.viewer === viewer) ?? null;
  }

  update(you: ViewerId, here: readonly PersonHere[]): PeopleNews[] {
    const before = { me: this.me, here: this.#here };
    this.#you = you;
    this.#here = here;
    const me = this.me;
    return [
      ...(me && before.me ? ownNews(before.me, me) : []),
      ...(me?.role === "own" ? newRequests(before.here, here) : []),
    ];
  }

  /** The connection is gone, and with it what is known. */
  clear(): void {
    this.#you = null;
    this.#here = [];
  }

  /** What the one who looks may do about this person. */
  actionsFor(person: PersonHere): PersonAction[] {
    if (this.me?.role !== "own" || this.isMe(person.viewer) || person.role === "own") return [];
    if (person.asks) return ["give", "refuse", "remove"];
    return [person.role === "view" ? "give" : "takeBack", "handOver", "remove"];
  }

  /** What a person may do about their own role; `granted` is what they came with. */
  ownAction(granted: Role): OwnAction | null {
    const { me } = this;
    if (!me) return null;
    const hasOwner = this.#here.some(({ role }) => role === "own");
    if (!hasOwner && granted === "own") return "takeBackSession";
    if (me.role === "view") return me.asks ? "asked" : "ask";
    return me.role === "control" ? "giveUp" : null;
  }
}

function ownNews(before: PersonHere, now: PersonHere): PeopleNews[] {
  if (before.role !== now.role) return [{ type: "role", role: now.role, before: before.role }];
  return before.asks && !now.asks ? [{ type: "refused" }] : [];
}

function newRequests(before: readonly PersonHere[], now: readonly PersonHere[]): PeopleNews[] {
  const asked = (viewer: ViewerId) => before.some((was) => was.viewer === viewer && was.asks);
  return now
    .filter(({ viewer, asks }) => asks && !asked(viewer))
    .map((person) => ({ type: "asks", person }));
}

/** What is said of one's own role when it changes. */
export function roleNews(role: Role, before: Role): Phrase {
  if (role === "own") return phrase("youOwn");
  if (role === "view") return phrase("controlEnded");
  return before === "own" ? phrase("handedOver") : phrase("youControl");
}

const ROLE_NAMES: Record<Role, Phrase> = {
  view: phrase("roleView"),
  control: phrase("roleControl"),
  own: phrase("roleOwn"),
};

export function roleName(role: Role): Phrase {
  return ROLE_NAMES[role];
}

export const ACTION_NAMES: Readonly<Record<PersonAction, Phrase>> = {
  give: phrase("giveControl"),
  refuse: phrase("refuseControl"),
  takeBack: phrase("takeControlBack"),
  handOver: phrase("handOver"),
  remove: phrase("removePerson"),
};

/** What is lost cannot be had back by the same person, so it is asked for twice. */
export function needsConfirmation(action: PersonAction): boolean {
  return action === "handOver" || action === "remove";
}

export const OWN_ACTION_NAMES: Readonly<Record<OwnAction, Phrase>> = {
  ask: phrase("askControl"),
  asked: phrase("askedControl"),
  giveUp: phrase("giveUpControl"),
  takeBackSession: phrase("takeBackSession"),
};

/** Colours that tell people apart on light and dark alike, with white text on them. */
const COLOURS = [
  "#2456d6",
  "#b3261e",
  "#1b7f4b",
  "#8a3ffc",
  "#a35200",
  "#007d88",
  "#b0217a",
  "#5b6478",
];

export function colourOf(viewer: ViewerId): string {
  return COLOURS[viewer % COLOURS.length] ?? "#5b6478";
}

/** Two letters, or an emoji, that stand for a name. */
export function initials(name: string, locale: string): string {
  const words = name.split(" ").filter((word) => word !== "");
  const first = [words[0], words.length > 1 ? words.at(-1) : undefined];
  const segmenter = new Intl.Segmenter(locale, { granularity: "grapheme" });
  const letters = first.map((word) => [...segmenter.segment(word ?? "")][0]?.segment ?? "");
  return letters.join("").toLocaleUpperCase(locale);
}
