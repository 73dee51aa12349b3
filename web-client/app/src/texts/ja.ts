// Japanese

import type { Texts } from "../texts.js";

export const japanese: Texts = {
  allDesktops: "すべてのデスクトップ",
  desktops: "デスクトップ",
  noSuchPage: "このページはありません",
  unreachable:
    "サーバーに接続できません。サーバーが動いているか確認してください。このページは再試行を続けます。",
  answeredStatus: "サーバーがステータス {status} を返しました。",
  dismiss: "閉じる",

  signIn: "サインイン",
  openAddress: "サーバーの起動時に表示されたアドレスを開いてください。",
  printsAddress: "{up} で表示され、{link} で新しいアドレスが表示されます。",
  signedOut:
    "サインインの期限が切れました。このデスクトップは接続が続く限り使えます。もう一度サインインするには、別のタブで新しいアドレスを開いてください。表示するコマンド：{link}",

  startDesktop: "デスクトップを起動",
  emptyCatalog: "カタログにテンプレートがありません。",
  start: "起動",
  startOne: "{name} を起動",
  brokenFiles: { other: "{count} 個のカタログファイルが使えません" },

  yourSessions: "あなたのセッション",
  open: "開く",
  openOne: "{name} を開く",
  end: "終了",
  endOne: "{name} を終了",
  remove: "削除",
  removeOne: "{name} を削除",
  hibernate: "休止する",
  hibernateOne: "{name} を休止する（プログラムは終了し、ファイルは残ります）",
  wake: "もう一度起動する",
  phasePending: "起動中",
  phaseRunning: "実行中",
  phaseHibernated: "休止中",
  phaseFailed: "失敗",
  phaseTerminated: "終了済み",

  joinDesktop: "このデスクトップに参加",
  yourName: "あなたの名前",
  nameExplained: "参加している人に表示されます。",
  join: "参加",

  starting: "起動しています…",
  noSuchSession: "このセッションはありません。",
  sessionEnded: "セッションは終了しました。",
  sessionFailed: "セッションが失敗しました",
  sessionSleeps: "セッションは休止しています",
};
