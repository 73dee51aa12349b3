// Small panels that open from the toolbar.

export const PANELS = `
.panel {
  position: absolute; inset-block-start: calc(60px + var(--safe-top)); inset-inline-start: 50%;
  transform: translateX(-50%); width: 20rem; max-width: calc(100% - 24px); box-sizing: border-box;
  padding: 14px 16px; background: var(--surface); border: 1px solid var(--line);
  border-radius: var(--radius); box-shadow: var(--shadow); display: grid; gap: 10px;
}
.panel:dir(rtl) { transform: translateX(50%); }
.panel label { display: flex; align-items: center; justify-content: space-between; gap: 16px; }
.panel select {
  font: inherit; color: inherit; min-width: 9rem; padding: 6px 8px; border-radius: 8px;
  background: var(--key); border: 1px solid var(--line);
}
@media (pointer: coarse) { .panel select { min-height: 44px; font-size: 16px; } }
`;
