// Panels at the corner of the desktop, and fields in them.

export const PANELS = `
.panel {
  position: absolute; inset-block: calc(12px + var(--safe-top)) auto; inset-inline-end: 12px;
  width: 22rem; max-width: calc(100% - 24px);
  max-height: calc(100% - 24px - var(--safe-top) - max(var(--safe-bottom), var(--covered, 0px)));
  display: flex; flex-direction: column; overflow: auto; box-sizing: border-box; padding: 12px 16px 16px;
  background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius);
  box-shadow: var(--shadow); font-size: 13px; overscroll-behavior: contain;
}
.panel-head { display: flex; align-items: center; justify-content: space-between; gap: 8px; flex: none; }
.panel h2, .panel h3 { margin: 0; font-size: 15px; font-weight: 650; }
.panel h3 { font-size: 13px; margin-block: 12px 4px; }
.panel p { margin: 4px 0; }
.panel ul { list-style: none; margin: 0; padding: 0; }
.panel .quiet { color: var(--quiet); }
.panel .trouble:empty { display: none; }
.panel .trouble { color: light-dark(#a3211a, #ffb4ab); }
.panel input, .panel select, .panel textarea {
  box-sizing: border-box; width: 100%; min-height: 36px; padding: 7px 10px; font: inherit; color: var(--text);
  background: var(--key); border: 1px solid var(--line); border-radius: 8px;
}
.field { display: grid; gap: 3px; font-size: 12px; color: var(--quiet); }
.field > * { color: var(--text); font-size: 13px; }
.field > span { color: var(--quiet); font-size: 12px; }
.quality-panel .field { margin-block-start: 10px; }
`;
