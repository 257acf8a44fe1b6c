export const REPORT_STYLE = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --panel: #f4f5f7; --text: #1a1d21; --quiet: #50565e; --line: #d5dae0; --link: #0b57a4;
  --one: #2f5fb3; --two: #b9791f;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #14171b; --panel: #1f2429; --text: #e8eaed; --quiet: #a9b1ba; --line: #3b434c; --link: #8ec2ff;
    --one: #7fa8ee; --two: #e3b064;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem clamp(.75rem, 3vw, 2.5rem) 3rem; max-width: 72rem; background: var(--page); color: var(--text); font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: .5rem 0; }
h2 { font-size: 1.2rem; margin: 2.25rem 0 .5rem; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
dl { margin: 0; display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .15rem 1.25rem; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .15rem 1rem; margin: 1rem 0 0; padding: 0; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 24rem), 1fr)); gap: .75rem 1.5rem; margin: .5rem 0 .75rem; }
.charts.whole { grid-template-columns: 1fr; }
figure { margin: 0; max-width: 34rem; }
.whole figure { max-width: none; }
figcaption { color: var(--quiet); font-size: .85rem; margin-bottom: .25rem; }
svg { display: block; width: 100%; height: auto; }
.table { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; }
th, td { padding: .3rem .45rem; border-bottom: 1px solid var(--line); text-align: right; vertical-align: bottom; white-space: nowrap; }
thead th { color: var(--quiet); font-weight: 600; }
thead th[colspan] { border-bottom: 0; padding-bottom: 0; }
[colspan] { text-align: center; }
tbody th { font-weight: 600; }
.label { text-align: left; white-space: normal; min-width: 8rem; overflow-wrap: anywhere; }
tbody tr:hover { background: var(--panel); }
footer { margin-top: 2.5rem; color: var(--quiet); font-size: .85rem; }
footer ul { margin: 0; padding-left: 1.2rem; }
@page { size: A4; margin: 12mm; }
@media print {
  html { font-size: 8.5pt; }
  body { padding: 0; max-width: none; }
  nav { display: none; }
  .charts { grid-template-columns: 1fr 1fr; break-inside: avoid; }
  .charts.whole { grid-template-columns: 1fr; }
  .table { overflow: visible; }
  h2 { break-after: avoid; }
  section, figure, tr { break-inside: avoid; }
  thead { display: table-header-group; }
  svg { print-color-adjust: exact; }
}
`
