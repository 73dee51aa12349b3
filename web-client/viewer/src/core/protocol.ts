// Generated from the crate `protocol` by `./dev generate`. Do not edit.

export const PROTOCOL_VERSION = 1;
export const CONTROL_CHANNEL = "control";
export const POINTER_CHANNEL = "pointer";
export const MAX_MESSAGE_BYTES = 262144;
export const CLIPBOARD_CHANNEL = "clipboard";
export const CLIPBOARD_PIECE_BYTES = 16384;
export const MAX_TEXT_CHARS = 1024;
export const MAX_NAME_CHARS = 40;
export const MAX_CHAT_CHARS = 500;

export type Code = "message-malformed" | "message-too-large" | "message-out-of-order" | "version-unsupported" | "token-invalid" | "token-expired" | "token-used" | "share-invalid" | "share-expired" | "removed" | "role-changed" | "unauthenticated" | "credentials-wrong" | "second-factor-needed" | "second-factor-wrong" | "passkey-needed" | "passkey-wrong" | "provider-unreachable" | "provider-answer-invalid" | "provider-refused" | "sign-in-stale" | "not-admitted" | "too-many-tries" | "forbidden" | "request-invalid" | "precondition-failed" | "key-reused" | "request-under-way" | "not-found" | "session-not-found" | "session-not-running" | "streamer-unreachable" | "vnc-unreachable" | "vnc-disabled" | "template-not-found" | "template-exists" | "group-not-found" | "group-exists" | "template-invalid" | "program-missing" | "display-failed" | "sound-failed" | "streamer-failed" | "encoder-unavailable" | "negotiation-failed" | "limit-reached" | "quota-reached" | "server-stopping" | "address-in-use" | "file-not-found" | "file-unusable" | "upload-conflict" | "range-invalid" | "user-not-found" | "user-exists" | "user-has-sessions" | "key-exists" | "second-factor-exists" | "storage-full" | "storage-failed" | "internal";
export type Problem = { 
/**
 * A URI reference to the description of `code`.
 */
type: string, 
/**
 * What happened, in a few words; the same for every problem of this code.
 */
title: string, status: number, code: Code, 
/**
 * What happened this time, why, and what to do next.
 */
detail: string, };
export type Role = "view" | "control" | "own";
export type SessionId = string;
export type ViewerId = number;
export type Secret = string;
export type Join = { session: SessionId, role: Role, token: Secret, expiresInS: number, 
/**
 * Path of the signaling WebSocket on the same origin.
 */
signalPath: string, 
/**
 * Path of the VNC WebSocket on the same origin.
 */
vncPath: string, vnc: VncLimits, 
/**
 * Path of the session's files on the same origin.
 */
filesPath: string, 
/**
 * What to offer; enforced elsewhere.
 */
policy: Policy, };
export type VncLimits = { enabled: boolean, 
/**
 * The most of noVNC's quality levels, 0 to 9.
 */
maxQuality?: number, 
/**
 * The most bytes a second to one viewer.
 */
maxBytesPerSecond?: number, };
export type Policy = { clipboard: ClipboardPolicy, files: FilePolicy, };
export type ClipboardPolicy = { 
/**
 * What is copied outside may be pasted in the session.
 */
toSession: boolean, 
/**
 * What is copied in the session may be pasted outside.
 */
toBrowser: boolean, 
/**
 * Of what is copied, these; the rest is left out.
 */
kinds: Array<ClipboardKind>, 
/**
 * The most that is carried at once, all kinds together.
 */
maxBytes: number, };
export type ClipboardKind = "text" | "html" | "png";
export type FilePolicy = { upload: boolean, download: boolean, 
/**
 * The largest file, either way.
 */
maxBytes: number, 
/**
 * What all transfers of the session together may take. The default is more than a gigabit network
 * carries, and leaves the processors to the picture.
 */
bytesPerSecond: number, };
export type Folder = { 
/**
 * Folders first, then by name.
 */
entries: Array<FolderEntry>, 
/**
 * How many more there are that are not shown: too many, or with names that cannot be told.
 */
leftOut: number, };
export type FolderEntry = { name: string, kind: EntryKind, bytes: number, 
/**
 * Milliseconds since the Unix epoch.
 */
modifiedUnixMs: number, };
export type EntryKind = "folder" | "file";
export type UploadState = { offset: number, 
/**
 * The file's path, once it is whole: another than asked for where that one was taken.
 */
path?: string, };
export type Hello = { version: number, 
/**
 * The join token.
 */
token: Secret, };
export type ClientSignal = { "type": "offer", sdp: Secret, 
/**
 * Which of the session's displays this viewer shows, for as long as it is here.
 */
screen?: Screen, 
/**
 * The key of an earlier `Welcome`: this connection goes on, by another gateway or the same one
 * started again, and restarts ICE.
 */
resume?: Secret, } | { "type": "candidate" } & Candidate | { "type": "bye" };
export type Candidate = { candidate: Secret, sdpMid?: string, sdpMLineIndex?: number, usernameFragment?: Secret, };
export type ServerSignal = { "type": "welcome", session: SessionId, viewer: ViewerId, role: Role, display: DisplaySize, iceServers: Array<IceServer>, 
/**
 * By which the connection goes on after its gateway has gone.
 */
resume?: Secret, } | { "type": "answer", sdp: Secret, } | { "type": "candidate" } & Candidate | { "type": "copied", text: Secret, 
/**
 * Whether the text ends with it.
 */
last: boolean, } | { "type": "error", code: Code, 
/**
 * What happened, why, and what to do next.
 */
message: string, 
/**
 * Whether the same thing may work a moment later.
 */
retry: boolean, };
export type IceServer = { urls: Array<string>, username?: string, credential?: Secret, };
export type ClientMessage = { "type": "key", 
/**
 * The physical key (`KeyboardEvent.code`): a release belongs to the press of the same code.
 */
code: string, 
/**
 * The X keysym of what the key means in the browser's layout.
 */
keysym: number, down: boolean, } | { "type": "text", text: Secret, } | { "type": "releaseAll" } | { "type": "button", 
/**
 * X button number: 1 left, 2 middle, 3 right, 8 back, 9 forward.
 */
button: number, down: boolean, 
/**
 * Where; absent after [`PointerMove::By`], when only the session knows.
 */
at?: Pixel, } | { "type": "wheel", dx: number, dy: number, } | { "type": "resize", width: number, height: number, dpi: number, } | { "type": "limits", 
/**
 * Bits a second, of everything.
 */
maxBps?: number, 
/**
 * Frames a second.
 */
maxFps?: number, } | { "type": "ping", id: number, } | { "type": "latency" } & Latency | { "type": "askControl" } | { "type": "setRole", viewer: ViewerId, role: Role, } | { "type": "remove", viewer: ViewerId, } | { "type": "chat", text: Secret, } | { "type": "gamepad", pad: number, state?: GamepadState, };
export type Pixel = { x: number, y: number, };
export type PointerMove = { seq: number, x: number, y: number, } | { seq: number, right: number, down: number, };
export type ClipboardMessage = { "type": "offer", id: number, items: Array<ClipboardItem>, } | { "type": "taken", id: number, } | { "type": "refused", id: number, };
export type ClipboardItem = { kind: ClipboardKind, bytes: number, };
export type ServerMessage = { "type": "display" } & DisplaySize | { "type": "cursor" } & Cursor | { "type": "viewers", count: number, } | { "type": "stats" } & StreamStats | { "type": "pong", id: number, 
/**
 * The streamer's clock, in microseconds since a moment of its own.
 */
atUs: number, } | { "type": "frames", frames: Array<FrameTimes>, } | { "type": "notice", code: Code, message: string, } | { "type": "people", 
/**
 * The receiver's own number.
 */
you: ViewerId, people: Array<PersonHere>, } | { "type": "devices" } & Devices | { "type": "chat", lines: Array<ChatLine>, };
export type DisplaySize = { width: number, height: number, };
export type Screen = "first" | "second";
export type GamepadState = { 
/**
 * A bit for each button, the first one lowest.
 */
buttons: number, 
/**
 * Left stick right and down, right stick right and down: from one end to the other.
 */
axes: [number, number, number, number], 
/**
 * How far the two lower shoulder buttons are pulled.
 */
triggers: [number, number], };
export type DeviceSupport = "ready" | "missing" | "denied" | "unused";
export type Devices = { gamepads: DeviceSupport, webcam: DeviceSupport, };
export type Cursor = { width: number, height: number, hotspotX: number, hotspotY: number, 
/**
 * `width * height` pixels of straight-alpha RGBA, row by row, in base64.
 */
rgba: string, };
export type StreamStats = { 
/**
 * The encoder in use and the reason for it.
 */
encoder: string, encoderReason: string, 
/**
 * Frames encoded in the last second.
 */
frames: number, 
/**
 * Encoded video of the last second, in bits.
 */
videoBps: number, 
/**
 * What the encoder is asked for, in bits a second.
 */
targetBps: number, 
/**
 * Mean time from a captured picture to its encoded frame, in milliseconds.
 */
encodeMs: number, };
export type Stage = "damage" | "grab" | "convert" | "encode" | "queue" | "network" | "jitterBuffer" | "decode" | "present" | "total";
export type FrameTimes = { 
/**
 * As in the frame's RTP packets, by which the browser knows it.
 */
rtpTimestamp: number, 
/**
 * When the last packet left, by the clock that a pong tells.
 */
sentUs: number, damageUs: number, grabUs: number, convertUs: number, encodeUs: number, queueUs: number, };
export type StageLatency = { stage: Stage, p50Us: number, p95Us: number, p99Us: number, };
export type Latency = { 
/**
 * How many frames the percentiles are of.
 */
frames: number, 
/**
 * Each stage once.
 */
stages: Array<StageLatency>, };
export type PersonName = string;
export type ShareId = string;
export type ViewerPath = "webrtc" | "vnc";
export type PersonHere = { viewer: ViewerId, name: PersonName, 
/**
 * Whether they came by a link, under a name of their choice.
 */
guest: boolean, 
/**
 * What this person may do now.
 */
role: Role, 
/**
 * Whether they wait for an owner to give them control.
 */
asks: boolean, path: ViewerPath, };
export type ChatLine = { 
/**
 * Counts up; a line that comes again is the same one.
 */
number: number, viewer: ViewerId, 
/**
 * As it was when the line was written.
 */
name: PersonName, text: Secret, 
/**
 * How long ago that was.
 */
ageMs: number, };
export type Pointers = { pointers: Array<PersonPointer>, };
export type PersonPointer = { viewer: ViewerId, x: number, y: number, };
export type NewShare = { role: Role, 
/**
 * What its maker calls it, in a few words.
 */
label: string, 
/**
 * After how many seconds it ends; with the session if absent.
 */
expiresInS?: number, };
export type Share = { id: ShareId, role: Role, label: string, createdUnixMs: number, expiresUnixMs?: number, };
export type ShareMade = { share: Share, secret: Secret, 
/**
 * Path of the page that opens the session with it. The secret is in the fragment, which browsers
 * keep to themselves: no server, proxy or log sees it.
 */
path: Secret, };
export type ShareList = { items: Array<Share>, };
export type JoinRequest = { 
/**
 * Of the share link.
 */
secret: Secret, 
/**
 * What the guest is called: 1 to 40 characters, some of which can be seen.
 */
name: string, 
/**
 * 16 to 64 letters, digits, `-` and `_`, made up by the browser and kept: by it a guest who
 * comes again is the same one.
 */
seat: Secret, 
/**
 * Less than the link grants, for who only wants to watch.
 */
role?: Role, };
