import { STRETCH_WORDS } from '../sessions/timeline.ts'

export const SESSION_STYLE = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --panel: #f4f5f7; --text: #1a1d21; --quiet: #50565e; --line: #c3c9d1;
  --menu: #2c6a90; --queue: #8a6100; --virtual_agent: #8a4fbf; --task_assistant: #b45fae; --human: #2e7d4f;
  --wrap_up: #5f6872; --transfer: #2f5fb3; --deflection: #b3261e; --survey: #00838f;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #14171b; --panel: #1f2429; --text: #e8eaed; --quiet: #a9b1ba; --line: #454d56;
    --menu: #7fbce0; --queue: #e3b64b; --virtual_agent: #c49bec; --task_assistant: #e39fdd; --human: #78cf9b;
    --wrap_up: #aab2bb; --transfer: #92b7f5; --deflection: #ff9d94; --survey: #6fd3dc;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem clamp(.75rem, 3vw, 2.5rem) 3rem; max-width: 80rem; background: var(--page); color: var(--text); font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: .5rem 0; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 1.75rem 0 .4rem; }
dl { margin: 0; display: grid; grid-template-columns: fit-content(35%) minmax(0, 1fr); gap: .15rem 1.25rem; }
dt { color: var(--quiet); overflow-wrap: anywhere; }
dd { margin: 0; overflow-wrap: anywhere; }
.note, footer { color: var(--quiet); font-size: .85rem; margin: .35rem 0 0; }
.sections { columns: 26rem 2; column-gap: 3rem; }
.sections section { break-inside: avoid; padding-top: 1.75rem; }
.sections h2 { margin-top: 0; }
table { width: 100%; border-collapse: collapse; table-layout: fixed; }
th, td { padding: .3rem .5rem .3rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: middle; overflow-wrap: anywhere; }
thead th { color: var(--quiet); font-size: .85rem; font-weight: 600; }
.kind { width: 8.5rem; font-weight: 600; }
.when { width: 45%; }
.axis { display: flex; justify-content: space-between; font-variant-numeric: tabular-nums; }
svg { display: block; width: 100%; height: 1.1rem; background: var(--panel); border-radius: .2rem; }
rect { fill: currentColor; }
${Object.keys(STRETCH_WORDS)
  .map((kind) => `.${kind} .kind, .${kind} svg { color: var(--${kind}); }`)
  .join('\n')}
@media screen and (max-width: 45rem) {
  .sections { columns: auto; }
  thead .kind, thead .what { display: none; }
  thead .when { display: block; width: auto; }
  tbody tr { display: grid; grid-template-columns: 8rem minmax(0, 1fr); padding: .4rem 0; border-bottom: 1px solid var(--line); }
  tbody th, tbody td { display: block; width: auto; padding: .1rem 0; border: 0; }
  tbody .when { grid-column: 1 / -1; order: 3; width: auto; }
}
@page { margin: 12mm; }
@media print {
  html { font-size: 9pt; }
  body { padding: 0; max-width: none; }
  tr, section { break-inside: avoid; }
  svg { print-color-adjust: exact; }
}
`
