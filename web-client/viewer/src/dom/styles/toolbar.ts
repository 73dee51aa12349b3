export const TOOLBAR = `
.toolbar-edge {
  --height: 46px;
  position: absolute; inset-block-start: 0; inset-inline: 0;
  display: grid; justify-items: center; pointer-events: none;
  transform: translateY(calc(-1 * (var(--height) + var(--hint))));
  transition: transform 0.18s ease-out;
  padding-inline: max(8px, var(--safe-left)) max(8px, var(--safe-right));
  --hint: 24px;
}
.toolbar-edge > * { pointer-events: auto; }
.toolbar-edge:hover, .toolbar-edge:focus-within, .toolbar-edge.shown { transform: none; }
.toolbar {
  display: flex; align-items: center; gap: 2px; box-sizing: border-box; max-width: 100%;
  min-height: var(--height); padding: var(--safe-top) 6px 0; overflow-x: auto; scrollbar-width: none;
  background: var(--surface); border: 1px solid var(--line); border-block-start: 0;
  border-radius: 0 0 14px 14px; box-shadow: var(--shadow);
}
.toolbar button { flex: none; width: 36px; height: 36px; }
.toolbar button[aria-pressed="true"] { background: var(--chosen); }
.toolbar ::slotted(a) {
  padding: 7px 12px; border-radius: 8px; text-decoration: none; white-space: nowrap;
}
.hint {
  box-sizing: border-box; height: var(--hint); margin: 0; padding: 3px 12px;
  border-radius: 0 0 10px 10px; background: var(--surface); color: var(--quiet); font-size: 12px;
  pointer-events: none;
}
.grip { width: 76px; height: 14px; border-radius: 0 0 10px 10px; }
.grip::after {
  content: ""; width: 40px; height: 4px; border-radius: 2px; background: #fff;
  box-shadow: 0 0 3px rgb(0 0 0 / 0.8); opacity: 0.45;
}

@media (pointer: coarse) {
  .toolbar-edge { --height: 56px; --hint: 0px; }
  .toolbar button { width: 44px; height: 44px; }
  .hint { display: none; }
  .grip { width: 96px; height: calc(28px + var(--safe-top)); align-items: end; }
  .grip::after { margin-block-end: 8px; }
}
@media (prefers-reduced-motion: reduce) {
  .toolbar-edge { transition: none; }
}
@media (forced-colors: active) {
  .grip::after { background: ButtonText; opacity: 1; }
}
`;
