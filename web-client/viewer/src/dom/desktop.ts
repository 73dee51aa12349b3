// What a way to the desktop looks like from outside; WebRTC and VNC are the two.

import type { Path } from "../core/connection.js";
import type { Failure, Stage } from "../core/failure.js";
import type { TouchMode } from "../core/gestures.js";
import type { Language, Saying } from "../core/language.js";
import type { Limits } from "../core/limits.js";
import type { ClientMessage, Devices, Role, Screen, ServerMessage } from "../core/protocol.js";
import type { Figures } from "../core/stats.js";
import type { SoftKeys } from "../core/soft-keys.js";
import type { DecoderPreference } from "./picture.js";

export interface Desktop {
  readonly path: Path;
  /** The picture, to be laid into the stage. */
  readonly view: HTMLElement;
  /** What shows the picture; `null` while nothing does, and over VNC. */
  readonly picture: HTMLVideoElement | HTMLCanvasElement | null;
  /** `null` where the picture is no video. */
  readonly video: HTMLVideoElement | null;
  /** What the person may do now. */
  readonly role: Role;
  /** What they came with. */
  readonly granted: Role;
  /** Says something to the session; over VNC nothing hears it. */
  tell(message: ClientMessage): void;
  readonly sound: Sound | null;
  /** Sends a microphone, or none; absent where nobody in the session would hear it. */
  readonly speak?: ((microphone: MediaStreamTrack | null) => void) | undefined;
  focus(): void;
  sendText(text: string): void;
  /** How sharp the pictures are, where that is the viewer's to say. */
  readonly quality: QualitySetting | null;
  /** Whether the session has VNC to switch to. */
  readonly hasVnc: boolean;
  /** Keys on the screen; `null` where there is nothing to type on. */
  readonly softKeys: SoftKeys | null;
  /** What programs of the session can be given; `null` while nothing is known of it. */
  readonly devices: Devices | null;
  /** Whether all of the desktop is in sight. */
  readonly isWhole: boolean;
  showAll(): void;
  /** The mouse belongs to the desktop until the person takes it back. */
  lockPointer(): Promise<void>;
  /** The figures since the last call. */
  sampleStats(language: Language): Promise<Figures>;
  /** The person has changed something while the desktop is open. */
  prefer(preferences: Preferences): void;
  /** The machine may have another address now. */
  networkChanged(): void;
  close(): void;
}

/** In noVNC's levels. */
export interface QualitySetting {
  readonly level: number;
  readonly max: number;
  choose(level: number): void;
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
  /** Who is here, or what they write. */
  together(message: ServerMessage & { type: "people" | "chat" }): void;
  /** Sound began, stopped or was refused. */
  soundChanged(): void;
  /** A modifier of the soft keys went down or up. */
  softKeysChanged(): void;
  /** All of the desktop is in sight, or not any more. */
  zoomed(): void;
  /** The person asks to leave the desktop with the keyboard. */
  leave(): void;
}

/** Something to read, and perhaps to do. */
export interface Notice {
  text: Saying;
  action?: { label: Saying; run: () => void };
}

/** What can change while a desktop is open. */
export interface Preferences {
  language: Language;
  touch: TouchMode;
  /** How many CSS pixels at its lower edge are below something else: keys, or the device's keyboard. */
  coveredBelow: number;
  limits: Limits;
}

export interface DesktopOptions {
  /** The session's address in the API. */
  src: string;
  preferences: Preferences;
  roleWanted: Role | null;
  /** The name by which others see the person; the account's if `null`. */
  name: string | null;
  /** The secret of the share link by which a guest comes. */
  share: string | null;
  /** Whether the desktop takes the window's size, or its picture is scaled to it. */
  resize: "remote" | "scale";
  /** Which of the session's displays. */
  display: Screen;
  /** Whether a desktop's pixel is a pixel of the screen instead of a CSS pixel. */
  hidpi: boolean;
  novncUrl: string;
  /** The VNC quality wanted, 0 to 9; the usual one if `null`. */
  vncQuality: number | null;
  decoder: DecoderPreference;
  pictureWorkerUrl: string;
}
