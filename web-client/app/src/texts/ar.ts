// Arabic

import type { Texts } from "../texts.js";

export const arabic: Texts = {
  allDesktops: "كل أسطح المكتب",
  desktops: "أسطح المكتب",
  noSuchPage: "هذه الصفحة غير موجودة",
  unreachable: "لا يمكن الوصول إلى الخادم. تحقق من أنه يعمل؛ ستواصل هذه الصفحة المحاولة.",
  answeredStatus: "أجاب الخادم بالحالة {status}.",
  dismiss: "إغلاق",

  signIn: "تسجيل الدخول",
  openAddress: "افتح العنوان الذي عرضه الخادم عند بدء تشغيله.",
  printsAddress: "يعرضه الأمر {up}، ويعرض {link} عنوانًا جديدًا.",
  signedOut:
    "انتهت صلاحية تسجيل دخولك. يستمر سطح المكتب هذا ما دام اتصاله قائمًا. لتسجيل الدخول من جديد افتح عنوانًا جديدًا في علامة تبويب أخرى؛ يعرضه الأمر: {link}",

  startDesktop: "بدء سطح مكتب",
  emptyCatalog: "لا يحتوي الفهرس على أي قالب.",
  start: "بدء",
  startOne: "بدء {name}",
  brokenFiles: {
    zero: "لا ملفات تالفة في الفهرس",
    one: "ملف واحد في الفهرس لا يمكن استخدامه",
    two: "ملفان في الفهرس لا يمكن استخدامهما",
    few: "{count} ملفات في الفهرس لا يمكن استخدامها",
    many: "{count} ملفًا في الفهرس لا يمكن استخدامها",
    other: "{count} ملف في الفهرس لا يمكن استخدامها",
  },

  yourSessions: "جلساتك",
  open: "فتح",
  openOne: "فتح {name}",
  end: "إنهاء",
  endOne: "إنهاء {name}",
  remove: "إزالة",
  removeOne: "إزالة {name}",
  hibernate: "تسكين",
  hibernateOne: "تسكين {name}: تنتهي برامجها وتبقى ملفاتها",
  wake: "تشغيلها من جديد",
  phasePending: "قيد البدء",
  phaseRunning: "تعمل",
  phaseHibernated: "في سكون",
  phaseFailed: "أخفقت",
  phaseTerminated: "انتهت",

  joinDesktop: "الانضمام إلى سطح المكتب هذا",
  yourName: "اسمك",
  nameExplained: "يراه من هم هناك.",
  join: "انضمام",

  starting: "جارٍ البدء…",
  noSuchSession: "لا توجد جلسة بهذا الاسم.",
  sessionEnded: "انتهت الجلسة.",
  sessionFailed: "أخفقت الجلسة",
  sessionSleeps: "الجلسة في سكون",
};
