// French

import type { Texts } from "../texts.js";

export const french: Texts = {
  allDesktops: "Tous les bureaux",
  desktops: "Bureaux",
  noSuchPage: "Cette page n’existe pas",
  unreachable:
    "Le serveur est injoignable. Vérifiez qu’il est en marche ; cette page continue d’essayer.",
  answeredStatus: "Le serveur a répondu avec le statut {status}.",
  dismiss: "Fermer",

  signIn: "Se connecter",
  openAddress: "Ouvrez l’adresse que le serveur a affichée à son démarrage.",
  printsAddress: "{up} l’affiche, et {link} en affiche une nouvelle.",
  signedOut:
    "Votre connexion a expiré. Ce bureau continue tant que sa liaison tient. Pour vous reconnecter, ouvrez une nouvelle adresse dans un autre onglet ; voici ce qui l’affiche : {link}",

  startDesktop: "Démarrer un bureau",
  emptyCatalog: "Le catalogue ne contient aucun modèle.",
  start: "Démarrer",
  startOne: "Démarrer {name}",
  brokenFiles: {
    one: "{count} fichier du catalogue est inutilisable",
    many: "{count} de fichiers du catalogue sont inutilisables",
    other: "{count} fichiers du catalogue sont inutilisables",
  },

  yourSessions: "Vos sessions",
  open: "Ouvrir",
  openOne: "Ouvrir {name}",
  end: "Terminer",
  endOne: "Terminer {name}",
  remove: "Retirer",
  removeOne: "Retirer {name}",
  hibernate: "Mettre en veille",
  hibernateOne: "Mettre {name} en veille : ses programmes s’arrêtent, ses fichiers restent",
  wake: "Relancer",
  phasePending: "Démarre",
  phaseRunning: "En marche",
  phaseHibernated: "En veille",
  phaseFailed: "Échouée",
  phaseTerminated: "Terminée",

  joinDesktop: "Rejoindre ce bureau",
  yourName: "Votre nom",
  nameExplained: "Les personnes présentes le voient.",
  join: "Rejoindre",

  starting: "Démarrage…",
  noSuchSession: "Cette session n’existe pas.",
  sessionEnded: "La session est terminée.",
  sessionFailed: "La session a échoué",
  sessionSleeps: "La session est en veille",
};
