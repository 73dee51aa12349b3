// The host, its colours, the desktop's place, and what all controls share.

export const FRAME = `
:host {
  display: block;
  position: relative;
  overflow: hidden;
  background: var(--streamspace-background, #0b0d12);
  color: var(--text);
  font: var(--streamspace-font, 14px/1.45 system-ui, sans-serif);
  --text: var(--streamspace-text, light-dark(#1a1e2b, #eceef4));
  --quiet: light-dark(#545d72, #a3abbd);
  --surface: var(--streamspace-surface, light-dark(#ffffff, #181b24));
  --key: light-dark(#f1f3f8, #2b3040);
  --on-accent: light-dark(#ffffff, #10162a);
  --line: light-dark(rgb(15 20 40 / 0.16), rgb(255 255 255 / 0.14));
  --hover: light-dark(rgb(15 20 40 / 0.08), rgb(255 255 255 / 0.1));
  --accent: var(--streamspace-accent, light-dark(#2456d6, #8fb0ff));
  --chosen: color-mix(in srgb, var(--accent) 24%, transparent);
  --shadow: 0 8px 28px rgb(0 0 0 / 0.35);
  --radius: var(--streamspace-radius, 12px);
  --safe-top: env(safe-area-inset-top, 0px);
  --safe-bottom: env(safe-area-inset-bottom, 0px);
  --safe-left: env(safe-area-inset-left, 0px);
  --safe-right: env(safe-area-inset-right, 0px);
}
[hidden] { display: none !important; }
.frame { display: contents; }

.stage, .desktop { position: absolute; inset: 0; overflow: hidden; }
.desktop { touch-action: none; user-select: none; -webkit-user-select: none; outline: none; }
.picture { position: absolute; }
.picture > * { display: block; width: 100%; height: 100%; object-fit: fill; }
.vnc-screen { margin: auto; }
.keyboard-sink {
  position: absolute; inset: 0 auto auto 0; width: 1px; height: 1px; padding: 0; border: 0;
  opacity: 0; resize: none; pointer-events: none;
}
:host([data-state="reconnecting"]) .stage,
:host([data-state="ended"]) .stage { opacity: 0.35; filter: saturate(0.4); }

button, ::slotted(a) { font: inherit; color: inherit; }
button {
  display: inline-grid; place-items: center; border: 0; border-radius: 8px;
  background: none; cursor: pointer; touch-action: manipulation;
  -webkit-tap-highlight-color: transparent;
}
button:hover { background: var(--hover); }
:focus-visible, ::slotted(a:focus-visible) {
  outline: 2px solid var(--accent); outline-offset: 1px;
}
svg {
  width: 20px; height: 20px; fill: none; stroke: currentColor; stroke-width: 1.8;
  stroke-linecap: round; stroke-linejoin: round;
}

@media (forced-colors: active) {
  button { border: 1px solid ButtonBorder; }
  button[aria-pressed="true"] {
    background: Highlight; color: HighlightText; forced-color-adjust: none;
  }
}
`;
