// Spanish

import type { Texts } from "../texts.js";

export const spanish: Texts = {
  allDesktops: "Todos los escritorios",
  desktops: "Escritorios",
  noSuchPage: "Esta página no existe",
  unreachable:
    "No se puede acceder al servidor. Compruebe que está en marcha; esta página lo sigue intentando.",
  answeredStatus: "El servidor respondió con el estado {status}.",
  dismiss: "Cerrar",

  signIn: "Iniciar sesión",
  openAddress: "Abra la dirección que el servidor mostró al arrancar.",
  printsAddress: "{up} la muestra, y {link} muestra una nueva.",
  signedOut:
    "Su inicio de sesión ha caducado. Este escritorio sigue mientras dure su conexión. Para iniciar sesión de nuevo, abra una dirección nueva en otra pestaña; la muestra: {link}",

  startDesktop: "Iniciar un escritorio",
  emptyCatalog: "El catálogo no contiene ninguna plantilla.",
  start: "Iniciar",
  startOne: "Iniciar {name}",
  brokenFiles: {
    one: "1 archivo del catálogo no se puede usar",
    many: "{count} de archivos del catálogo no se pueden usar",
    other: "{count} archivos del catálogo no se pueden usar",
  },

  yourSessions: "Sus sesiones",
  open: "Abrir",
  openOne: "Abrir {name}",
  end: "Finalizar",
  endOne: "Finalizar {name}",
  remove: "Quitar",
  removeOne: "Quitar {name}",
  hibernate: "Poner en reposo",
  hibernateOne: "Poner {name} en reposo: sus programas terminan, sus archivos se conservan",
  wake: "Volver a iniciar",
  phasePending: "Iniciando",
  phaseRunning: "En marcha",
  phaseHibernated: "En reposo",
  phaseFailed: "Fallida",
  phaseTerminated: "Finalizada",

  joinDesktop: "Unirse a este escritorio",
  yourName: "Su nombre",
  nameExplained: "Lo ven quienes están allí.",
  join: "Unirse",

  starting: "Iniciando…",
  noSuchSession: "Esta sesión no existe.",
  sessionEnded: "La sesión ha finalizado.",
  sessionFailed: "La sesión ha fallado",
  sessionSleeps: "La sesión está en reposo",
};
