export const DICTIONARY_STYLE = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --panel: #f4f5f7; --text: #1a1d21; --quiet: #50565e; --line: #c3c9d1; --link: #0b57a4;
  --yes: #dff3e4; --yes-text: #0d5a26; --masked: #fdf0cf; --masked-text: #6a4700;
  --barred: #fbe3e1; --barred-text: #96160e; --notice: #fff6dd; --notice-line: #a87400;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #14171b; --panel: #1f2429; --text: #e8eaed; --quiet: #a9b1ba; --line: #454d56; --link: #8ec2ff;
    --yes: #173a23; --yes-text: #93e0a8; --masked: #403209; --masked-text: #f4cf6f;
    --barred: #4a1d1a; --barred-text: #ffb4ab; --notice: #2f2810; --notice-line: #d5a021;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0 auto; padding: 1rem clamp(.75rem, 3vw, 2.5rem) 3rem; max-width: 100rem; background: var(--page); color: var(--text); font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: .5rem 0; }
h2 { font-size: 1.25rem; margin: 2rem 0 .5rem; }
h3 { font-size: 1rem; margin: 0 0 .25rem; }
p { margin: .5rem 0; max-width: 60rem; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -100rem; }
.skip:focus { position: static; }
code { font-family: ui-monospace, "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .9em; overflow-wrap: anywhere; }
small, .note, footer { color: var(--quiet); font-size: .85rem; font-weight: normal; }
.note { display: block; }
ul { margin: 0; padding-left: 1.2rem; }
.legends { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: .5rem 2rem; }
dl { margin: 0; }
dl > div { display: grid; grid-template-columns: 9.5rem 1fr; gap: .75rem; padding: .25rem 0; }
dt { font-weight: 600; }
dd { margin: 0; }
.notice { margin: 1.5rem 0; padding: .25rem 1rem 1rem; background: var(--notice); border-left: .4rem solid var(--notice-line); }
.notice h2 { margin-top: .75rem; }
.tag { display: inline-block; padding: 0 .4rem; border: 1px solid currentColor; border-radius: .25rem; color: var(--barred-text); font-size: .85rem; font-weight: 600; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: 1rem; }
.cards > section { padding: .75rem 1rem; background: var(--panel); border-radius: .4rem; }

form { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: end; padding: .75rem 1rem; background: var(--panel); border-radius: .4rem; }
form p { margin: 0; flex: 1 1 12rem; }
form p:first-child { flex-basis: 18rem; }
form .buttons { flex: 0 0 auto; display: flex; gap: .5rem; }
label { display: block; font-size: .85rem; font-weight: 600; }
input, select, button { width: 100%; min-height: 2.5rem; padding: .3rem .6rem; border: 1px solid var(--quiet); border-radius: .3rem; background: var(--page); color: var(--text); font: inherit; }
::placeholder { color: var(--quiet); opacity: 1; }
button { cursor: pointer; white-space: nowrap; }
#state.filtered { font-weight: 600; }

table { width: 100%; border-collapse: collapse; }
th, td { padding: .45rem .6rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { position: sticky; top: 0; z-index: 1; background: var(--page); border-bottom: 2px solid var(--quiet); font-size: .9rem; }
tbody th { font-weight: 600; }
.matrix th:first-child { min-width: 9rem; }
.matrix .surface { width: 6.2rem; padding-inline: .4rem; }
.matrix .made { width: 25%; }
.matrix .limits { width: 28%; font-size: .9rem; }
.matrix .limits ul { list-style: none; padding: 0; }
.capture th { padding: .75rem .6rem .5rem; background: var(--panel); }
tr[id] { scroll-margin-top: 4rem; }
tr:target { outline: 3px solid var(--link); outline-offset: -3px; }
.mark { display: inline-block; min-width: 5.2rem; padding: .05rem .5rem; border: 1px solid transparent; border-radius: .3rem; white-space: nowrap; }
.mark.yes { background: var(--yes); color: var(--yes-text); font-weight: 600; }
.mark.masked { background: var(--masked); color: var(--masked-text); font-weight: 600; }
.mark.no { color: var(--quiet); }
.mark.barred { background: var(--barred); color: var(--barred-text); border: 1px dashed currentColor; }

@media screen and (max-width: 60rem) {
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table, tbody { display: block; }
  tbody tr { display: grid; gap: .3rem .5rem; padding: .75rem 0; border-bottom: 1px solid var(--line); }
  tbody th, tbody td { display: block; padding: 0; border: 0; }
  .matrix tr { grid-template-columns: repeat(4, minmax(0, 1fr)); }
  .matrix tr > :not(.surface) { grid-column: 1 / -1; }
  .matrix .made, .matrix .limits, .matrix .surface { width: auto; padding: 0; }
  .matrix tr.capture { padding: .6rem .75rem; background: var(--panel); }
  .capture th { padding: 0; }
  .surface::before, .plain td::before { content: attr(data-title); display: block; color: var(--quiet); font-size: .75rem; line-height: 1.2; }
  .surface { display: flex !important; flex-direction: column; justify-content: end; }
  .surface .mark { min-width: 0; width: 100%; padding: .05rem .2rem; font-size: .8rem; }
  .plain td:empty { display: none; }
  dl > div { grid-template-columns: 8rem 1fr; }
  form p, form p:first-child { flex-basis: 100%; }
}

@page { margin: 12mm; size: landscape; }
@media print {
  html { font-size: 9pt; }
  body { padding: 0; max-width: none; }
  h2, h3, .capture { break-after: avoid; }
  tr:target { outline: none; }
  form, .skip { display: none !important; }
  #state { break-after: avoid; padding: .3rem .6rem; border: 1px solid var(--quiet); max-width: none; }
  thead th { position: static; }
  thead { display: table-header-group; }
  tr, li, dl > div, .cards > section { break-inside: avoid; }
  .cards > section, .capture th, .notice { background: none; border: 1px solid var(--line); }
  a { color: inherit; text-decoration: none; }
  .mark { border-color: var(--line); }
  .mark.barred { border-color: currentColor; }
}
`
