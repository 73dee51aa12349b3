// The others on a desktop over WebRTC: their pointers, and what the one who looks may do.

import type { Point } from "../core/layout.js";
import type { PersonPointer, Role, ServerMessage } from "../core/protocol.js";
import type { View } from "../core/view.js";
import { OthersPointersView } from "./others-pointers-view.js";
import { WatcherPointer } from "./watcher-pointer.js";

export interface CompanyEvents {
  roleChanged(role: Role): void;
  /** Somebody who only watches points there. */
  pointed(at: Point): void;
}

export class Company {
  readonly #surface: HTMLElement;
  readonly #view: View;
  readonly #events: CompanyEvents;
  readonly #pointers: OthersPointersView;
  #watcher: WatcherPointer | null = null;
  #role: Role;

  constructor(surface: HTMLElement, view: View, role: Role, events: CompanyEvents) {
    this.#surface = surface;
    this.#view = view;
    this.#events = events;
    this.#role = role;
    this.#pointers = new OthersPointersView(view);
    surface.append(this.#pointers.view);
  }

  get role(): Role {
    return this.#role;
  }

  update({ you, people }: ServerMessage & { type: "people" }): void {
    this.#pointers.people(you, people);
    const role = people.find(({ viewer }) => viewer === you)?.role ?? this.#role;
    const hasChanged = role !== this.#role;
    this.#role = role;
    this.#watch(role === "view" && people.length > 1);
    if (hasChanged) this.#events.roleChanged(role);
  }

  pointed(pointers: readonly PersonPointer[]): void {
    this.#pointers.moved(pointers);
  }

  laidOut(): void {
    this.#pointers.draw();
  }

  close(): void {
    this.#watch(false);
    this.#pointers.close();
  }

  #watch(isWanted: boolean): void {
    if (isWanted === (this.#watcher !== null)) return;
    this.#watcher?.close();
    this.#watcher = isWanted
      ? new WatcherPointer(this.#surface, this.#view, (at) => this.#events.pointed(at))
      : null;
  }
}
