export const KEYS = `
.keys {
  position: absolute; inset-inline: 0; inset-block-end: var(--keyboard, 0px); display: grid; gap: 6px;
  padding: 6px max(6px, var(--safe-right)) 6px max(6px, var(--safe-left));
  padding-block-end: max(6px, calc(var(--safe-bottom) - var(--keyboard, 0px)));
  background: var(--surface); border-block-start: 1px solid var(--line);
}
.key-row {
  display: flex; gap: 6px; overflow-x: auto; scrollbar-width: none; justify-content: safe center;
  padding: 2px;
}
.key {
  flex: none; min-width: 44px; height: 38px; padding: 0 10px; border: 1px solid var(--line);
  background: var(--key); font-size: 13px; font-weight: 550; white-space: nowrap;
}
.key:active { background: var(--chosen); }
.key[aria-pressed="mixed"] { background: var(--chosen); border-color: var(--accent); }
.key[aria-pressed="true"] { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
.device-keyboard { display: none; }

@media (pointer: coarse) {
  .device-keyboard { display: inline-grid; }
  .key { height: 42px; }
}
@media (forced-colors: active) {
  .key[aria-pressed="mixed"] { outline: 2px solid Highlight; }
}

.drawn-cursor {
  position: absolute; top: 0; left: 0; width: 18px; height: 18px; margin: -9px; pointer-events: none;
  background-repeat: no-repeat;
}
.drawn-cursor:not(.shaped) {
  border: 2px solid #fff; border-radius: 50%; box-shadow: 0 0 0 1px rgb(0 0 0 / 0.6);
  box-sizing: border-box;
}
.keyboard-sink.composing {
  inset: auto 50% calc(24px + var(--covered, 0px)) auto; width: min(20rem, 80%); height: 2.6em;
  padding: 0.5em 0.8em; box-sizing: border-box; transform: translateX(50%); opacity: 1;
  border: 1px solid var(--line); border-radius: var(--radius); background: var(--surface);
  color: var(--text); font: inherit; font-size: 16px; box-shadow: var(--shadow);
}
`;
