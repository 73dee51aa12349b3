export const TOOLBAR = `
.toolbar-edge {
  container: viewer / inline-size;
  --grip: 14px;
  position: absolute; inset-block-start: 0; inset-inline: 0;
  display: grid; justify-items: center; pointer-events: none;
  transform: translateY(calc(-100% + var(--grip) + var(--safe-top)));
  transition: transform 0.18s ease-out;
  padding-inline: max(8px, var(--safe-left)) max(8px, var(--safe-right));
}
.toolbar-edge > * { pointer-events: auto; }
.toolbar-edge:hover, .toolbar-edge:focus-within, .toolbar-edge.shown { transform: none; }
.toolbar {
  display: flex; align-items: center; gap: 2px; box-sizing: border-box; max-width: 100%;
  flex-wrap: wrap; justify-content: center; padding: calc(4px + var(--safe-top)) 6px 4px;
  background: var(--surface); border: 1px solid var(--line); border-block-start: 0;
  border-radius: 0 0 14px 14px; box-shadow: var(--shadow);
}
.toolbar button { flex: none; width: 36px; height: 36px; }
.toolbar button[aria-pressed="true"] { background: var(--chosen); }
.toolbar ::slotted(a) {
  padding: 7px 12px; border-radius: 8px; text-decoration: none; white-space: nowrap;
}
.hint {
  margin: 0; padding: 3px 12px;
  border-radius: 0 0 10px 10px; background: var(--surface); color: var(--quiet); font-size: 12px;
  pointer-events: none;
}
.grip { width: 76px; height: calc(var(--grip) + var(--safe-top)); padding-block-start: var(--safe-top); border-radius: 0 0 10px 10px; }
.grip::after {
  content: ""; width: 40px; height: 4px; border-radius: 2px; background: #fff;
  box-shadow: 0 0 3px rgb(0 0 0 / 0.8); opacity: 0.45;
}

.toolbar .more { display: none; }
@container viewer (max-width: 600px) {
  .toolbar .more { display: grid; }
  .toolbar:not(.all) .rare, .toolbar:not(.all) ::slotted(*) { display: none; }
}

@media (pointer: coarse) {
  .toolbar-edge { --grip: 28px; }
  .toolbar button { width: 44px; height: 44px; }
  .hint { display: none; }
  .grip { width: 96px; }
}
@media (prefers-reduced-motion: reduce) {
  .toolbar-edge { transition: none; }
}
@media (forced-colors: active) {
  .grip::after { background: ButtonText; opacity: 1; }
}
`;
