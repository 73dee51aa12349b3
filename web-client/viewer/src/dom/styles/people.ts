export const PEOPLE = `
.small {
  padding: 5px 10px; border: 1px solid var(--line); font-size: 12px; font-weight: 550; white-space: nowrap;
}
.small[data-asks] { background: light-dark(#a3211a, #ffb4ab); color: light-dark(#fff, #3b0907); border-color: transparent; }

.people li, .links li { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 10px; padding: 8px 0; }
.people li + li, .links li + li { border-block-start: 1px solid var(--line); }
.mark {
  flex: none; display: grid; place-items: center; width: 32px; height: 32px; border-radius: 50%;
  background: var(--person); color: #fff; font-size: 12px; font-weight: 650;
}
.who { flex: 1; min-width: 8rem; display: grid; line-height: 1.35; }
.who bdi { font-weight: 600; overflow-wrap: anywhere; }
.role { color: var(--quiet); font-size: 12px; }
.asks { color: light-dark(#7d5100, #f5c86b); font-size: 12px; font-weight: 600; }
.people .actions { display: flex; flex-wrap: wrap; gap: 6px; flex-basis: 100%; padding-inline-start: 42px; }
.own-action:not(:empty) { padding-block: 8px; border-block-start: 1px solid var(--line); }
.own-action .action { width: 100%; }
.share { border-block-start: 1px solid var(--line); }
.share-form { display: grid; grid-template-columns: 1fr 1fr; gap: 8px; align-items: end; }
.share-form .field:nth-child(3) { grid-column: 1 / -1; }
.share-form .action { grid-column: 1 / -1; min-height: 36px; }
.made:not(:empty) { padding-block-start: 8px; }
.made-link { display: flex; gap: 8px; }
.made-link input { flex: 1; min-width: 0; }

.chat-panel { height: min(32rem, calc(100% - 24px)); }
.chat-log { flex: 1; min-height: 6rem; overflow: auto; margin-block: 8px; overscroll-behavior: contain; }
.line { padding-block: 4px; }
.line p { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.by { display: flex; align-items: baseline; gap: 8px; }
.by .name { font-weight: 650; }
.by .name::before {
  content: ""; display: inline-block; width: 8px; height: 8px; border-radius: 50%;
  margin-inline-end: 6px; background: var(--person);
}
.by time { color: var(--quiet); font-size: 11px; }
.chat-form { display: flex; gap: 8px; align-items: end; flex: none; }
.chat-form textarea { resize: none; }
.chat-form .action { min-height: 36px; }

.doctor-panel .verdict p { font-weight: 550; overflow-wrap: anywhere; }
.hops { margin-block: 8px; }
.hops li { display: flex; justify-content: space-between; gap: 12px; padding: 6px 0; }
.hops li + li { border-block-start: 1px solid var(--line); }
.hop { overflow-wrap: anywhere; }
.result { flex: none; color: var(--quiet); }
.result::before {
  content: ""; display: inline-block; width: 8px; height: 8px; margin-inline-end: 7px; border-radius: 50%;
  background: currentColor; forced-color-adjust: none;
}
[data-result="open"] .result { color: light-dark(#166b3f, #7ddba6); }
[data-result="closed"] .result { color: light-dark(#a3211a, #ffb4ab); }
.settings { display: flex; flex-wrap: wrap; align-items: end; gap: 8px; margin-block-start: 12px; }
.settings select {
  min-height: 34px; padding: 5px 8px; font: inherit; color: inherit; background: var(--key);
  border: 1px solid var(--line); border-radius: 8px;
}

.toolbar button { position: relative; }
.toolbar [data-badge]::after {
  content: attr(data-badge); position: absolute; inset-block-start: 1px; inset-inline-end: 0; min-width: 15px; height: 15px;
  box-sizing: border-box; padding-inline: 3px; border-radius: 8px; background: var(--accent);
  color: var(--on-accent); font-size: 10px; font-weight: 700; line-height: 15px; text-align: center;
}

.others { position: absolute; inset: 0; overflow: hidden; pointer-events: none; }
.other { position: absolute; top: 0; left: 0; transition: transform 60ms linear; }
.other svg { width: 18px; height: 18px; margin: -1px; fill: var(--person); stroke: #fff; stroke-width: 1.2; filter: drop-shadow(0 1px 2px rgb(0 0 0 / 0.5)); }
.other bdi {
  position: absolute; left: 14px; top: 15px; max-width: 12rem; overflow: hidden; text-overflow: ellipsis;
  padding: 1px 7px; border-radius: 9px; background: var(--person); color: #fff; font-size: 11px;
  font-weight: 600; white-space: nowrap; box-shadow: 0 1px 4px rgb(0 0 0 / 0.4);
}

@media (pointer: coarse) {
  .small, .panel input, .panel select, .panel textarea, .share-form .action, .chat-form .action { min-height: 44px; }
  /* Phones bring a field near whose letters are smaller. */
  .panel input, .panel select, .panel textarea { font-size: 16px; }
}
@media (max-width: 600px) {
  .panel {
    inset: auto 0 max(0px, var(--keyboard, 0px)) 0; width: 100%; max-width: none; max-height: 70%;
    border-radius: var(--radius) var(--radius) 0 0;
    padding-block-end: max(16px, var(--safe-bottom));
  }
  .chat-panel { height: 60%; }
}
@media (prefers-reduced-motion: reduce) {
  .other { transition: none; }
}
@media (forced-colors: active) {
  .mark, .other bdi, .toolbar [data-badge]::after { forced-color-adjust: none; }
  .panel input, .panel select, .panel textarea { border: 1px solid ButtonBorder; }
}
`;
