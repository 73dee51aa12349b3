export const STATISTICS = `
.stats {
  position: absolute; inset-block-start: calc(56px + var(--safe-top)); inset-inline-end: 12px;
  width: 22rem; max-width: calc(100% - 24px); max-height: calc(100% - 68px - var(--safe-top)); overflow: auto;
  box-sizing: border-box; padding: 12px 16px;
  background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius);
  box-shadow: var(--shadow); font-size: 12px; font-variant-numeric: tabular-nums;
}
.stats dl { display: grid; grid-template-columns: auto 1fr; gap: 3px 16px; margin: 0; }
.stats dt, .latency caption, .latency thead { color: var(--quiet); }
.stats dd {
  margin: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
  unicode-bidi: plaintext;
}
/* Words of another direction stand on the side of ours. */
.stats:dir(rtl) dd { text-align: right; }
.latency-bar { display: flex; height: 6px; margin: 12px 0 8px; border-radius: 3px; overflow: hidden; }
.latency-bar span { flex-basis: 0; background: var(--stage); forced-color-adjust: none; }
.latency { width: 100%; border-collapse: collapse; }
.latency caption { caption-side: bottom; padding-top: 4px; text-align: start; }
.latency th { padding: 1px 0; font-weight: normal; text-align: start; }
.latency td, .latency thead th:not(:first-child) { width: 3.6rem; text-align: end; }
.latency tbody th::before {
  content: ""; display: inline-block; width: 8px; height: 8px; margin-inline-end: 8px;
  border-radius: 2px; background: var(--stage); forced-color-adjust: none;
}
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
`;
