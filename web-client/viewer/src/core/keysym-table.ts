// X keysyms of keys that have a name instead of a character.
//
// Names: https://www.w3.org/TR/uievents-key/. Values: keysymdef.h and XF86keysym.h of xorgproto.

export const ISO_LEVEL3_SHIFT = 0xfe03;
export const BACKSPACE = 0xff08;
export const ALT_L = 0xffe9;

/** Keys with one meaning wherever they are on the keyboard. */
export const NAMED: ReadonlyMap<string, number> = new Map(
  Object.entries({
    // Modifiers
    AltGraph: ISO_LEVEL3_SHIFT,
    CapsLock: 0xffe5,
    NumLock: 0xff7f,
    ScrollLock: 0xff14,
    Hyper: 0xffed,
    Super: 0xffeb,
    // Whitespace, editing and user interface
    Tab: 0xff09,
    Backspace: BACKSPACE,
    Copy: 0x1008ff57,
    Cut: 0x1008ff58,
    Paste: 0x1008ff6d,
    Redo: 0xff66,
    Undo: 0xff65,
    Again: 0xff66,
    Cancel: 0xff69,
    ContextMenu: 0xff67,
    Escape: 0xff1b,
    Execute: 0xff62,
    Find: 0xff68,
    Help: 0xff6a,
    Pause: 0xff13,
    Select: 0xff60,
    ZoomIn: 0x1008ff8b,
    ZoomOut: 0x1008ff8c,
    Print: 0xff61,
    PrintScreen: 0xff61,
    // Device
    BrightnessUp: 0x1008ff02,
    BrightnessDown: 0x1008ff03,
    Eject: 0x1008ff2c,
    LogOff: 0x1008ff61,
    Power: 0x1008ff2a,
    PowerOff: 0x1008ff21,
    Hibernate: 0x1008ffa8,
    Standby: 0x1008ff10,
    WakeUp: 0x1008ff2b,
    // Input methods
    AllCandidates: 0xff3d,
    Alphanumeric: 0xff30,
    CodeInput: 0xff37,
    Compose: 0xff20,
    Convert: 0xff23,
    NonConvert: 0xff22,
    SingleCandidate: 0xff3c,
    PreviousCandidate: 0xff3e,
    ModeChange: 0xff7e,
    GroupNext: 0xfe08,
    GroupPrevious: 0xfe0a,
    GroupFirst: 0xfe0c,
    GroupLast: 0xfe0e,
    HangulMode: 0xff31,
    HanjaMode: 0xff34,
    JunjaMode: 0xff38,
    Eisu: 0xff30,
    Hankaku: 0xff29,
    Hiragana: 0xff25,
    HiraganaKatakana: 0xff27,
    KanaMode: 0xff2e,
    KanjiMode: 0xff21,
    Katakana: 0xff26,
    Romaji: 0xff24,
    Zenkaku: 0xff28,
    ZenkakuHankaku: 0xff2a,
    // Media
    AudioVolumeDown: 0x1008ff11,
    AudioVolumeMute: 0x1008ff12,
    AudioVolumeUp: 0x1008ff13,
    MicrophoneVolumeMute: 0x1008ffb2,
    MediaPlay: 0x1008ff14,
    MediaPlayPause: 0x1008ff14,
    MediaStop: 0x1008ff15,
    MediaTrackPrevious: 0x1008ff16,
    MediaTrackNext: 0x1008ff17,
    MediaRecord: 0x1008ff1c,
    MediaPause: 0x1008ff31,
    MediaRewind: 0x1008ff3e,
    MediaFastForward: 0x1008ff97,
    MediaAudioTrack: 0x1008ff9b,
    RandomToggle: 0x1008ff99,
    Subtitle: 0x1008ff9a,
    SplitScreenToggle: 0x1008ff7d,
    VideoModeNext: 0x1008fe22,
    Dimmer: 0x1008ff3b,
    // Applications and documents
    BrowserHome: 0x1008ff18,
    BrowserSearch: 0x1008ff1b,
    BrowserBack: 0x1008ff26,
    BrowserForward: 0x1008ff27,
    BrowserStop: 0x1008ff28,
    BrowserRefresh: 0x1008ff29,
    BrowserFavorites: 0x1008ff30,
    LaunchApplication1: 0x1008ff33,
    LaunchApplication2: 0x1008ff1d,
    LaunchCalendar: 0x1008ff20,
    LaunchMail: 0x1008ff19,
    LaunchMediaPlayer: 0x1008ff32,
    LaunchMusicPlayer: 0x1008ff92,
    LaunchPhone: 0x1008ff6e,
    LaunchScreenSaver: 0x1008ff2d,
    LaunchSpreadsheet: 0x1008ff5c,
    LaunchWebBrowser: 0x1008ff2e,
    LaunchWebCam: 0x1008ff8f,
    LaunchWordProcessor: 0x1008ff89,
    MailForward: 0x1008ff90,
    MailReply: 0x1008ff72,
    MailSend: 0x1008ff7b,
    Close: 0x1008ff56,
    New: 0x1008ff68,
    Open: 0x1008ff6b,
    Save: 0x1008ff77,
    SpellCheck: 0x1008ff7c,
    ...functionKeys(),
  }),
);

/** Keys of which there is a left and a right one. */
export const LEFT_RIGHT: ReadonlyMap<string, readonly [left: number, right: number]> = new Map([
  ["Shift", [0xffe1, 0xffe2]],
  ["Control", [0xffe3, 0xffe4]],
  ["Alt", [ALT_L, 0xffea]],
  ["Meta", [0xffeb, 0xffec]],
]);

/** Keys that the keypad has too: the keysym elsewhere and on the keypad. */
export const KEYPAD: ReadonlyMap<string, readonly [standard: number, keypad: number]> = new Map([
  ["Enter", [0xff0d, 0xff8d]],
  ["Home", [0xff50, 0xff95]],
  ["ArrowLeft", [0xff51, 0xff96]],
  ["ArrowUp", [0xff52, 0xff97]],
  ["ArrowRight", [0xff53, 0xff98]],
  ["ArrowDown", [0xff54, 0xff99]],
  ["PageUp", [0xff55, 0xff9a]],
  ["PageDown", [0xff56, 0xff9b]],
  ["End", [0xff57, 0xff9c]],
  // The 5 of a keypad without NumLock; browsers name it after Windows' VK_CLEAR.
  ["Clear", [0xff0b, 0xff9d]],
  ["Insert", [0xff63, 0xff9e]],
  ["Delete", [0xffff, 0xff9f]],
  [" ", [0x20, 0xff80]],
  ["=", [0x3d, 0xffbd]],
  ["*", [0x2a, 0xffaa]],
  ["+", [0x2b, 0xffab]],
  [",", [0x2c, 0xffac]],
  ["-", [0x2d, 0xffad]],
  [".", [0x2e, 0xffae]],
  ["/", [0x2f, 0xffaf]],
  ...keypadDigits(),
]);

function functionKeys(): Record<string, number> {
  const count = 35;
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`F${i + 1}`, 0xffbe + i]));
}

function keypadDigits(): [string, [number, number]][] {
  return Array.from({ length: 10 }, (_, i) => [String(i), [0x30 + i, 0xffb0 + i]]);
}
