// Chinese, Simplified

import type { Texts } from "../texts.js";

export const chinese: Texts = {
  allDesktops: "所有桌面",
  desktops: "桌面",
  noSuchPage: "没有这个页面",
  unreachable: "无法连接到服务器。请检查它是否在运行；本页面会继续尝试。",
  answeredStatus: "服务器返回了状态 {status}。",
  dismiss: "关闭",

  signIn: "登录",
  openAddress: "请打开服务器启动时显示的地址。",
  printsAddress: "{up} 会显示它，{link} 会显示一个新的。",
  signedOut:
    "您的登录已过期。只要连接还在，此桌面就会继续。要重新登录，请在另一个标签页中打开新地址，用此命令显示：{link}",

  startDesktop: "启动桌面",
  emptyCatalog: "目录中没有模板。",
  start: "启动",
  startOne: "启动 {name}",
  brokenFiles: { other: "{count} 个目录文件无法使用" },

  yourSessions: "您的会话",
  open: "打开",
  openOne: "打开 {name}",
  end: "结束",
  endOne: "结束 {name}",
  remove: "移除",
  removeOne: "移除 {name}",
  hibernate: "休眠",
  hibernateOne: "让 {name} 休眠：程序会结束，文件会保留",
  wake: "重新启动",
  phasePending: "正在启动",
  phaseRunning: "运行中",
  phaseHibernated: "休眠中",
  phaseFailed: "失败",
  phaseTerminated: "已结束",

  joinDesktop: "加入此桌面",
  yourName: "您的名字",
  nameExplained: "在场的人会看到它。",
  join: "加入",

  starting: "正在启动…",
  noSuchSession: "没有这个会话。",
  sessionEnded: "会话已结束。",
  sessionFailed: "会话失败",
  sessionSleeps: "会话正在休眠",
};
