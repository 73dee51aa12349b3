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
  userName: "Name",
  password: "Password",
  codeNeeded: "Code from your authenticator app, or a recovery code",
  wrongCredentials: "The name or the password is wrong.",
  wrongCode: "The code is wrong or has been used. Take the next one.",
  signInBy: "Sign in with {label}",
  signInByPasskey: "Sign in with a passkey",
  providerUnreachable:
    "The identity provider cannot be reached. Try again later, or sign in another way.",
  providerRefused:
    "The identity provider has not signed you in. Try again; if that does not help, ask an admin.",
  signInStale: "This sign-in took too long, or was not begun in this browser. Begin again.",
  notAdmitted: "The identity provider knows you, but you have no access here. Ask an admin.",
  wrongPasskey: "This passkey is not accepted here.",
  noPasskeyUsed: "No passkey was used. Try again.",
  tooManyTries: {
    one: "Too many wrong tries. Try again in 1 minute.",
    other: "Too many wrong tries. Try again in {count} minutes.",
  },
  openAddress:
    "No password? Open the address that the server printed when it started, or ask an admin for one.",
  printsAddress: "{up} prints it, and {link} prints a new one.",
  signedOut:
    "Your sign-in has expired. This desktop goes on for as long as its connection holds. To sign in again, use another tab: with your password, or by a new address, which this prints: {link}",

  // The account
  account: "Account",
  signedInAs: "You are signed in as {name}.",
  role: "Role: {role}",
  roleViewer: "viewer",
  roleUser: "user",
  roleOperator: "operator",
  roleAdmin: "admin",
  signOut: "Sign out",
  noPassword: "You have no password yet: addresses that an admin gives you sign you in.",
  oldPassword: "Present password",
  newPassword: "New password",
  passwordRules: "At least 12 characters.",
  showPassword: "Show what I type",
  setPassword: "Set password",
  passwordSet: "The password is set. Your other browsers are signed out.",
  wrongPassword: "The present password is wrong.",
  secondFactor: "Second factor",
  factorExplained: "With an authenticator app, signing in with the password takes a code as well.",
  factorNeedsPassword: "It goes with a password: set one first.",
  setUp: "Set up",
  scanCode: "Scan this with your authenticator app, or type the secret into it.",
  qrCode: "QR code for an authenticator app",
  appSecret: "Secret",
  appCode: "Code that the app shows",
  confirm: "Confirm",
  recoveryCodes: "Recovery codes",
  keepCodes:
    "Keep these in a safe place. Each signs you in once without the app. They are shown this once.",
  done: "Done",
  factorIsOn: {
    one: "It is on. 1 recovery code is left.",
    other: "It is on. {count} recovery codes are left.",
  },
  removeFactor: "Remove the second factor",
  byRecoveryCode: "I have a recovery code, but not the password",
  recoveryCode: "Recovery code",
  passkeys: "Passkeys",
  passkeysExplained:
    "A passkey signs you in by fingerprint, face or PIN. While you have one, a password alone signs nobody in.",
  passkeyLabel: "What to call it",
  addPasskey: "Add a passkey",
  noPasskeysHere:
    "This page cannot use passkeys. They take a browser that knows them, and an address with a name, by https or on this machine.",
  apiKeys: "API keys",
  keysExplained: "With a key, programs act for you.",
  keyLabel: "Label",
  keyScope: "The key may",
  scopeRead: "see the catalog and what runs",
  scopeSessions: "start, use, share and end sessions",
  scopeAdmin: "do everything that you may",
  keyEnds: "It ends",
  afterDays: { one: "after 1 day", other: "after {count} days" },
  never: "never",
  makeKey: "Make a key",
  keyMade: "This is the key. It is shown this once.",
  keyUse: "Last used: {time}",
  keyEnd: "Ends: {time}",
  withdraw: "Withdraw",
  withdrawOne: "Withdraw {name}",
  browsers: "Where you are signed in",
  since: "Since {time}",
  thisBrowser: "This browser",
  unknownBrowser: "Unknown browser",
  signOutOne: "Sign out {name}",
  signOutOthers: "Sign out all others",

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
  hibernate: "Hibernate",
  hibernateOne: "Hibernate {name}",
  hibernateMeans: "Its programs end, its files stay",
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
