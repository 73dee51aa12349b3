// German

import type { Texts } from "../texts.js";

export const german: Texts = {
  allDesktops: "Alle Desktops",
  desktops: "Desktops",
  noSuchPage: "Diese Seite gibt es nicht",
  unreachable:
    "Der Server ist nicht erreichbar. Prüfen Sie, ob er läuft; diese Seite versucht es weiter.",
  answeredStatus: "Der Server hat mit Status {status} geantwortet.",
  dismiss: "Schließen",

  signIn: "Anmelden",
  openAddress: "Öffnen Sie die Adresse, die der Server beim Start ausgegeben hat.",
  printsAddress: "{up} gibt sie aus, und {link} gibt eine neue aus.",
  signedOut:
    "Ihre Anmeldung ist abgelaufen. Dieser Desktop läuft weiter, solange seine Verbindung hält. Um sich neu anzumelden, öffnen Sie in einem anderen Tab eine neue Adresse; die gibt aus: {link}",

  startDesktop: "Einen Desktop starten",
  emptyCatalog: "Der Katalog enthält keine Vorlage.",
  start: "Starten",
  startOne: "{name} starten",
  brokenFiles: {
    one: "1 Datei des Katalogs ist nicht verwendbar",
    other: "{count} Dateien des Katalogs sind nicht verwendbar",
  },

  yourSessions: "Ihre Sitzungen",
  open: "Öffnen",
  openOne: "{name} öffnen",
  end: "Beenden",
  endOne: "{name} beenden",
  remove: "Entfernen",
  removeOne: "{name} entfernen",
  hibernate: "Schlafen legen",
  hibernateOne: "{name} schlafen legen: Programme enden, Dateien bleiben",
  wake: "Wieder starten",
  phasePending: "Startet",
  phaseRunning: "Läuft",
  phaseHibernated: "Schläft",
  phaseFailed: "Gescheitert",
  phaseTerminated: "Beendet",

  joinDesktop: "An diesem Desktop teilnehmen",
  yourName: "Ihr Name",
  nameExplained: "Wer dort ist, sieht ihn.",
  join: "Teilnehmen",

  starting: "Startet …",
  noSuchSession: "Diese Sitzung gibt es nicht.",
  sessionEnded: "Die Sitzung ist beendet.",
  sessionFailed: "Die Sitzung ist gescheitert",
  sessionSleeps: "Die Sitzung schläft",
};
