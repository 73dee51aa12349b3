export const MESSAGES = `
.messages {
  position: absolute;
  inset: auto max(16px, var(--safe-right)) calc(20px + max(var(--safe-bottom), var(--covered, 0px))) max(16px, var(--safe-left));
  display: grid; gap: 8px; justify-items: center; pointer-events: none;
}
.status, .notice {
  display: flex; align-items: center; gap: 12px; max-width: 46rem; padding: 10px 16px;
  background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius);
  box-shadow: var(--shadow); pointer-events: auto;
}
/* Out of sight, and still there for screen readers. */
.status.unseen {
  position: absolute; width: 1px; height: 1px; padding: 0; border: 0; overflow: hidden;
  clip-path: inset(50%); white-space: nowrap;
}
.text { overflow-wrap: anywhere; }
.status[data-tone="busy"]::before {
  content: ""; flex: none; width: 14px; height: 14px; border-radius: 50%;
  border: 2px solid var(--line); border-top-color: var(--accent); animation: turn 0.8s linear infinite;
}
.status[data-tone="warning"] { border-color: light-dark(#b97700, rgb(240 180 80 / 0.7)); }
.status[data-tone="ended"] { flex-direction: column; padding: 20px 28px; text-align: center; }
:host([data-state="ended"]) .messages {
  inset-block: 0; align-content: center;
}
.action {
  flex: none; padding: 7px 14px; background: var(--chosen);
  color: light-dark(#12328c, #dbe6ff); font-weight: 550;
}
.action:hover { background: color-mix(in srgb, var(--accent) 38%, transparent); }
.dismiss { flex: none; width: 28px; height: 28px; font-size: 18px; line-height: 1; }

@keyframes turn { to { transform: rotate(1turn); } }
@media (pointer: coarse) {
  .action { min-height: 44px; }
  .dismiss { width: 44px; height: 44px; }
}
@media (max-width: 600px) {
  .status, .notice { flex-wrap: wrap; justify-content: center; }
}
@media (prefers-reduced-motion: reduce) {
  .status[data-tone="busy"]::before { animation: none; border-color: var(--accent); }
}
`;
