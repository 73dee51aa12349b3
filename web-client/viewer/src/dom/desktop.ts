// What a way to the desktop looks like from outside; WebRTC and VNC are the two.

import type { Path } from "../core/connection.js";
import type { Failure, Stage } from "../core/failure.js";
import type { Language, Saying } from "../core/language.js";
import type { Role } from "../core/protocol.js";
import type { Figures } from "../core/stats.js";
import type { DecoderPreference } from "./picture.js";

export interface Desktop {
  readonly path: Path;
  /** The picture, to be laid into the stage. */
  readonly view: HTMLElement;
  /** What shows the picture; `null` while nothing does, and over VNC. */
  readonly picture: HTMLVideoElement | HTMLCanvasElement | null;
  /** `null` where the picture is no video. */
  readonly video: HTMLVideoElement | null;
  readonly role: Role;
  readonly sound: Sound | null;
  focus(): void;
  sendText(text: string): void;
  sendControlAltDelete(): void;
  /** The figures since the last call. */
  sampleStats(language: Language): Promise<Figures>;
  /** Names itself to screen readers. */
  speak(language: Language): void;
  /** The machine may have another address now. */
  networkChanged(): void;
  close(): void;
}

export interface Sound {
  readonly isOn: boolean;
  /** The browser wants a gesture first. */
  readonly isRefused: boolean;
  turnOn(): Promise<void>;
  turnOff(): void;
}

export interface DesktopEvents {
  stage(stage: Stage): void;
  opened(): void;
  failed(failure: Failure): void;
  /** A picture has been decoded. In a hidden tab that is all: nothing gets to the screen. */
  decoded(): void;
  /** A picture is on the screen. */
  firstFrame(): void;
  notice(notice: Notice): void;
  /** Sound began, stopped or was refused. */
  soundChanged(): void;
  /** The person asks to leave the desktop with the keyboard. */
  leave(): void;
}

/** Something to read, and perhaps to do. */
export interface Notice {
  text: Saying;
  action?: { label: Saying; run: () => void };
}

export interface DesktopOptions {
  /** The session's address in the API. */
  src: string;
  language: Language;
  roleWanted: Role | null;
  /** Whether the desktop takes the window's size, or its picture is scaled to it. */
  resize: "remote" | "scale";
  /** Whether a desktop's pixel is a pixel of the screen instead of a CSS pixel. */
  hidpi: boolean;
  novncUrl: string;
  decoder: DecoderPreference;
  pictureWorkerUrl: string;
}
