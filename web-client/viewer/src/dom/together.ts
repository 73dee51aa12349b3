// Everything about other people that lies around the desktop: who is here, share links, the chat.

import { Chat } from "../core/chat.js";
import type { Language } from "../core/language.js";
import { People, roleNews, type PeopleNews } from "../core/people.js";
import type { ClientMessage, PersonHere, Role, ServerMessage } from "../core/protocol.js";
import { phrase } from "../core/texts.js";
import type { TogetherState } from "../core/toolbar.js";
import { ChatPanel } from "./chat-panel.js";
import type { Notice } from "./desktop.js";
import { PeoplePanel } from "./people-panel.js";
import { ShareApi } from "./share-api.js";
import { ShareSection } from "./share-section.js";

export interface TogetherEvents {
  tell(message: ClientMessage): void;
  notice(notice: Notice): () => void;
  /** The session's address in the API. */
  src(): string;
  /** What the one who looks came with. */
  granted(): Role;
  /** A guest makes no links. */
  isGuest(): boolean;
  /** What the toolbar shows has changed. */
  changed(): void;
  /** A panel was closed by its own button. */
  left(): void;
}

export class Together {
  readonly views: readonly HTMLElement[];
  readonly #events: TogetherEvents;
  readonly #people = new People();
  readonly #chat = new Chat();
  readonly #share: ShareSection;
  readonly #peoplePanel: PeoplePanel;
  readonly #chatPanel: ChatPanel;
  readonly #requests = new Map<number, () => void>();
  #language: Language;

  constructor(language: Language, events: TogetherEvents) {
    this.#language = language;
    this.#events = events;
    this.#share = new ShareSection(new ShareApi(() => events.src()));
    this.#peoplePanel = new PeoplePanel(this.#people, this.#share.view, {
      tell: (message) => events.tell(message),
      granted: () => events.granted(),
      closed: () => events.left(),
    });
    this.#chatPanel = new ChatPanel(this.#chat, {
      send: (text) => events.tell({ type: "chat", text }),
      closed: () => events.left(),
    });
    this.views = [this.#peoplePanel.panel.view, this.#chatPanel.panel.view];
  }

  get people(): readonly PersonHere[] {
    return this.#people.here;
  }

  get me(): PersonHere | null {
    return this.#people.me;
  }

  /** For the toolbar; `null` while nothing is known of anybody. */
  get state(): TogetherState | null {
    const { here } = this.#people;
    if (here.length === 0) return null;
    return {
      count: here.length,
      unread: this.#chat.unread,
      isPeopleOpen: this.#peoplePanel.panel.isOpen,
      isChatOpen: this.#chatPanel.panel.isOpen,
    };
  }

  speak(language: Language): void {
    this.#language = language;
    this.#share.speak(language);
    this.#peoplePanel.speak(language);
    this.#chatPanel.speak(language);
  }

  receive(message: ServerMessage & { type: "people" | "chat" }): void {
    if (message.type === "people") this.#receivePeople(message.you, message.people);
    else this.#receiveChat(message);
    this.#events.changed();
  }

  /** The connection is gone. What was written stays to be read. */
  disconnected(): void {
    this.#people.clear();
    this.#chat.reconnected();
    this.#takeBackRequests(new Set());
    this.#peoplePanel.update(this.#language);
    if (this.#peoplePanel.panel.isOpen) void this.#share.show(false);
  }

  togglePeople(): void {
    const { panel } = this.#peoplePanel;
    if (panel.isOpen) return panel.close();
    this.close();
    panel.open();
    panel.focus();
    void this.#showShare();
  }

  toggleChat(): void {
    const { panel } = this.#chatPanel;
    if (panel.isOpen) return panel.close();
    this.close();
    this.#chatPanel.open();
    this.#chat.read();
  }

  close(): void {
    this.#peoplePanel.panel.close();
    this.#chatPanel.panel.close();
  }

  #receivePeople(you: number, people: readonly PersonHere[]): void {
    const news = this.#people.update(you, people);
    this.#takeBackRequests(new Set(people.filter(({ asks }) => asks).map(({ viewer }) => viewer)));
    for (const item of news) this.#tell(item);
    this.#peoplePanel.update(this.#language);
    if (this.#peoplePanel.panel.isOpen && news.some(({ type }) => type === "role")) {
      void this.#showShare();
    }
  }

  #receiveChat({ lines }: ServerMessage & { type: "chat" }): void {
    const live = this.#chat.add(lines, this.#people.me?.viewer ?? null, Date.now());
    this.#chatPanel.update(this.#language);
    if (this.#chatPanel.panel.isOpen) this.#chat.read();
    else for (const { name, text } of live.slice(-1)) this.#announce(name, text);
  }

  #announce(name: string, text: string): void {
    const run = () => {
      if (!this.#chatPanel.panel.isOpen) this.toggleChat();
      this.#events.changed();
    };
    const action = { label: phrase("openChat"), run };
    this.#events.notice({ text: phrase("said", { name, text }), action });
  }

  #tell(news: PeopleNews): void {
    switch (news.type) {
      case "asks":
        return this.#offer(news.person);
      case "role":
        return void this.#events.notice({ text: roleNews(news.role, news.before) });
      case "refused":
        return void this.#events.notice({ text: phrase("controlRefused") });
    }
  }

  #offer({ viewer, name }: PersonHere): void {
    const run = () => this.#events.tell({ type: "setRole", viewer, role: "control" });
    const action = { label: phrase("giveControl"), run };
    this.#requests.set(
      viewer,
      this.#events.notice({ text: phrase("personAsks", { name }), action }),
    );
  }

  /** An offer that another owner has answered, or whose person has left, is of no use. */
  #takeBackRequests(asking: ReadonlySet<number>): void {
    for (const [viewer, takeBack] of this.#requests) {
      if (asking.has(viewer)) continue;
      takeBack();
      this.#requests.delete(viewer);
    }
  }

  #showShare(): Promise<void> {
    const owns = this.#people.me?.role === "own";
    return this.#share.show(owns && !this.#events.isGuest());
  }
}
