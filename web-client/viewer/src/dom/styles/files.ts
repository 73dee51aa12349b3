export const FILES = `
.files {
  position: absolute; inset-block: calc(12px + var(--safe-top)) calc(12px + var(--safe-bottom));
  inset-inline-start: max(12px, var(--safe-left)); width: 24rem; max-width: calc(100% - 24px);
  box-sizing: border-box; padding: 14px 16px; display: flex; flex-direction: column; gap: 12px;
  background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius);
  box-shadow: var(--shadow);
}
.files ul, .files ol { list-style: none; margin: 0; padding: 0; }
.files p { margin: 0; }
.quiet { color: var(--quiet); font-size: 12px; }
.file-actions { display: flex; flex-wrap: wrap; gap: 6px; }
.file-actions .action { padding: 5px 10px; font-size: 13px; }
.folder { flex: 1 1 8rem; min-height: 6rem; overflow: auto; display: grid; gap: 8px; align-content: start; }
.way { display: flex; flex-wrap: wrap; }
.way li:not(:first-child)::before { content: "/"; color: var(--quiet); }
.way button { padding: 2px 6px; }
.way [aria-current] { font-weight: 600; }
.entries li { display: flex; align-items: baseline; gap: 12px; padding: 1px 0; }
.entries li > :first-child {
  flex: 1; overflow-wrap: anywhere; text-align: start; padding: 4px 6px; border-radius: 6px;
  unicode-bidi: plaintext;
}
.entries button { justify-items: start; font-weight: 550; }
.entries a { color: light-dark(#1d45ad, #a9c2ff); text-decoration: none; }
.entries a:hover { text-decoration: underline; background: var(--hover); }
.uploads {
  flex: 0 1 auto; max-height: 45%; overflow: auto; display: grid; gap: 8px; justify-items: start;
  border-block-start: 1px solid var(--line); padding-block-start: 10px;
}
.uploads ul { width: 100%; display: grid; gap: 8px; }
.uploads li {
  display: grid; grid-template-columns: 1fr auto auto; gap: 2px 6px; align-items: center;
}
.uploads .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; unicode-bidi: plaintext; }
.uploads progress, .uploads li .quiet { grid-column: 1; width: 100%; overflow-wrap: anywhere; }
.uploads progress { height: 6px; accent-color: var(--accent); }
.uploads li button { grid-row: 1; width: 28px; height: 28px; font-size: 16px; line-height: 1; }
.uploads li button:last-child { grid-column: 3; }
.uploads [data-phase="failed"] .quiet { color: light-dark(#a0261c, #ffb4a8); }
.drop-hint {
  position: absolute; inset: 12px; display: grid; place-items: center; pointer-events: none;
  border: 2px dashed var(--accent); border-radius: var(--radius); font-size: 18px;
  background: color-mix(in srgb, var(--surface) 80%, transparent);
}
@media (pointer: coarse) {
  .uploads li button, .file-actions .action, .entries li > :first-child, .way button { min-height: 44px; }
  .uploads li button { width: 44px; }
}
`;
