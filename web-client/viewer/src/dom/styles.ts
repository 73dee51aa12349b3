// The look of the viewer: dark, because it frames somebody else's picture.

const CSS = `
:host {
  display: block;
  position: relative;
  overflow: hidden;
  background: #0b0d12;
  color: #e8eaf0;
  font: 14px/1.45 system-ui, sans-serif;
  --surface: rgb(24 27 36 / 0.92);
  --line: rgb(255 255 255 / 0.12);
  --accent: #7aa2ff;
}
[hidden] { display: none !important; }

.stage, .desktop { position: absolute; inset: 0; overflow: hidden; }
.desktop { touch-action: none; user-select: none; outline: none; }
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
  background: none; cursor: pointer;
}
button:hover { background: rgb(255 255 255 / 0.1); }
button:focus-visible, ::slotted(a:focus-visible) { outline: 2px solid var(--accent); outline-offset: 1px; }

.toolbar-edge {
  position: absolute; top: 0; left: 50%; transform: translate(-50%, -46px);
  display: grid; justify-items: center; transition: transform 0.18s ease-out;
}
.toolbar-edge:hover, .toolbar-edge:focus-within, .toolbar-edge.shown { transform: translate(-50%, 0); }
.toolbar {
  display: flex; align-items: center; gap: 2px; height: 46px; padding: 0 6px; box-sizing: border-box;
  background: var(--surface); border: 1px solid var(--line); border-top: 0;
  border-radius: 0 0 14px 14px; box-shadow: 0 8px 28px rgb(0 0 0 / 0.4);
}
.toolbar button { width: 36px; height: 36px; }
.toolbar button[aria-pressed="true"] { background: rgb(122 162 255 / 0.25); }
.toolbar ::slotted(a) {
  padding: 7px 12px; border-radius: 8px; text-decoration: none; white-space: nowrap;
}
svg {
  width: 20px; height: 20px; fill: none; stroke: currentColor; stroke-width: 1.8;
  stroke-linecap: round; stroke-linejoin: round;
}
.grip { width: 76px; height: 14px; border-radius: 0 0 10px 10px; }
.grip::after {
  content: ""; width: 40px; height: 4px; border-radius: 2px; background: #fff;
  box-shadow: 0 0 3px rgb(0 0 0 / 0.8); opacity: 0.35;
}

.messages {
  position: absolute; inset: auto 16px 20px; display: grid; gap: 8px; justify-items: center;
  pointer-events: none;
}
.status, .notice {
  display: flex; align-items: center; gap: 12px; max-width: 46rem; padding: 10px 16px;
  background: var(--surface); border: 1px solid var(--line); border-radius: 12px;
  box-shadow: 0 8px 28px rgb(0 0 0 / 0.4); pointer-events: auto;
}
.text { overflow-wrap: anywhere; }
.status[data-tone="busy"]::before {
  content: ""; flex: none; width: 14px; height: 14px; border-radius: 50%;
  border: 2px solid var(--line); border-top-color: var(--accent); animation: turn 0.8s linear infinite;
}
.status[data-tone="warning"] { border-color: rgb(240 180 80 / 0.6); }
.status[data-tone="ended"] { flex-direction: column; padding: 20px 28px; text-align: center; }
:host([data-state="ended"]) .messages { inset: 0 16px; align-content: center; }
.action { flex: none; padding: 6px 12px; background: rgb(122 162 255 / 0.22); color: #cddbff; }
.action:hover { background: rgb(122 162 255 / 0.36); }
.dismiss { flex: none; width: 26px; height: 26px; font-size: 18px; line-height: 1; }

.stats {
  position: absolute; top: 12px; right: 12px; width: 22rem; max-width: calc(100% - 24px);
  max-height: calc(100% - 24px); overflow: hidden; box-sizing: border-box; padding: 12px 16px;
  background: var(--surface); border: 1px solid var(--line); border-radius: 12px;
  font-size: 12px; font-variant-numeric: tabular-nums; pointer-events: none;
}
.stats dl { display: grid; grid-template-columns: auto 1fr; gap: 3px 16px; margin: 0; }
.stats dt, .latency caption, .latency thead { color: #9aa1b2; }
.stats dd {
  margin: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; pointer-events: auto;
}
.latency-bar { display: flex; height: 6px; margin: 12px 0 8px; border-radius: 3px; overflow: hidden; }
.latency-bar span { flex-basis: 0; }
.latency { width: 100%; border-collapse: collapse; }
.latency caption { caption-side: bottom; padding-top: 4px; text-align: left; }
.latency th { padding: 1px 0; font-weight: normal; text-align: left; }
.latency td, .latency thead th:not(:first-child) { width: 3.6rem; text-align: right; }
.latency tbody th::before {
  content: ""; display: inline-block; width: 8px; height: 8px; margin-right: 8px; border-radius: 2px;
  background: var(--stage);
}
.latency-bar span { background: var(--stage); }
.latency [data-stage="total"] > * { border-top: 1px solid var(--line); font-weight: 600; }
[data-stage="damage"] { --stage: #5b6478; }
[data-stage="grab"] { --stage: #4cc9b0; }
[data-stage="convert"] { --stage: #8bd450; }
[data-stage="encode"] { --stage: #f0b450; }
[data-stage="queue"] { --stage: #f08050; }
[data-stage="network"] { --stage: #e0567a; }
[data-stage="jitterBuffer"] { --stage: #b678e8; }
[data-stage="decode"] { --stage: #7aa2ff; }
[data-stage="present"] { --stage: #5ac8f5; }

@keyframes turn { to { transform: rotate(1turn); } }
@media (prefers-reduced-motion: reduce) {
  .toolbar-edge { transition: none; }
  .status::before { animation-duration: 4s !important; }
}
`;

let shared: CSSStyleSheet | null = null;

/** One sheet for all viewers of a page. A constructed sheet needs no exception in the page's CSP. */
export function styleSheet(): CSSStyleSheet {
  if (!shared) {
    shared = new CSSStyleSheet();
    shared.replaceSync(CSS);
  }
  return shared;
}
