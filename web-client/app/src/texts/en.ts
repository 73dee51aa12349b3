// English: what the other languages translate.

import type { Dictionary } from "@streamspace/viewer/language";

export const english = {
  // Every page
  allDesktops: "All desktops",
  desktops: "Desktops",
  noSuchPage: "There is no such page",
  unreachable: "The server cannot be reached. Check that it is running; this page tries again.",
  answeredStatus: "The server answered with status {status}.",
  dismiss: "Dismiss",

  // Signing in
  signIn: "Sign in",
  openAddress: "Open the address that the server printed when it started.",
  printsAddress: "{up} prints it, and {link} prints a new one.",
  signedOut:
    "Your sign-in has expired. This desktop goes on for as long as its connection holds. To sign in again, open a new address in another tab; this prints one: {link}",

  // The catalog
  startDesktop: "Start a desktop",
  emptyCatalog: "The catalog holds no template.",
  start: "Start",
  startOne: "Start {name}",
  brokenFiles: {
    one: "1 catalog file cannot be used",
    other: "{count} catalog files cannot be used",
  },

  // Sessions
  yourSessions: "Your sessions",
  open: "Open",
  openOne: "Open {name}",
  end: "End",
  endOne: "End {name}",
  remove: "Remove",
  removeOne: "Remove {name}",
  hibernate: "Let it sleep",
  hibernateOne: "Let {name} sleep: its programs end, its files stay",
  wake: "Start it again",
  phasePending: "Starting",
  phaseRunning: "Running",
  phaseHibernated: "Asleep",
  phaseFailed: "Failed",
  phaseTerminated: "Ended",

  // By a share link
  joinDesktop: "Join this desktop",
  yourName: "Your name",
  nameExplained: "Those who are there see it.",
  join: "Join",

  // One session
  starting: "Starting …",
  noSuchSession: "There is no such session.",
  sessionEnded: "The session has ended.",
  sessionFailed: "The session failed",
  sessionSleeps: "The session sleeps",
} as const satisfies Dictionary;
