/** The page's style: for a screen, a phone and paper, in light and dark. Each tone has a sign as well as a colour. */
export const pageStyle: string = `
:root {
    color-scheme: light dark;
    --paper: #fff; --panel: #f6f8fa; --ink: #1b1f24; --dim: #57606a; --line: #d5dbe1; --focus: #0860ca;
    --good: #11682f; --check: #7d4e00; --bad: #b3201a; --plain: #4a535d;
}
@media screen and (prefers-color-scheme: dark) {
    :root {
        --paper: #0d1117; --panel: #151b23; --ink: #e8edf2; --dim: #9ba6b2; --line: #2e3641; --focus: #6cb0ff;
        --good: #56d37a; --check: #e6b549; --bad: #ff918a; --plain: #b4bec9;
        }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 84rem; padding: 2rem 1.5rem 3rem; background: var(--paper); color: var(--ink);
    font: 15px/1.5 -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
h1, h2, h3, p, ul, dl, dd { margin: 0; padding: 0; } ul { list-style: none; }
h1 { font-size: 28px; line-height: 1.25; letter-spacing: -.01em; max-width: 60rem; }
h2 { font-size: 20px; line-height: 1.3; } h3 { font-size: 15px; }
.kind { font-weight: 600; color: var(--dim); margin-bottom: .25rem; }
.meta, .note { color: var(--dim); font-size: 13px; }
.meta { margin-top: .5rem; }
.failed { margin-top: .75rem; color: var(--bad); font-weight: 600; }
section { margin-top: 2.5rem; }
.good { --tone: var(--good); --sign: "✓"; }
.plain { --tone: var(--plain); --sign: "–"; }
.check { --tone: var(--check); --sign: "?"; }
.bad { --tone: var(--bad); --sign: "!"; }
.sign { color: var(--tone); }
.sign::before, td.good::before, td.check::before, td.bad::before { content: var(--sign); display: inline-block;
    width: 1em; margin-right: .15em; text-align: center; text-indent: 0; font-weight: 700; }

.verdict { margin-top: 1.75rem; }
.verdict h2 { font-size: 28px; line-height: 1.2; }
.verdict h2::before { width: auto; margin-right: .3em; }
.verdict > p { margin-top: .5rem; }
.reasons { margin-top: 1rem; }
.reasons li { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 0 2rem; padding: .6rem 0;
    border-top: 1px solid var(--line); }
.reasons h3 { padding-left: 1.15em; text-indent: -1.15em; }
.names { font-weight: 600; } .names span { display: inline-block; margin-right: .75rem; }
.verification { margin-top: 1.25rem; display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 .75rem; }
.verification h2 { font-size: 15px; }
code, pre, dd { font: 12.5px/1.5 ui-monospace, monospace; }
.counts { display: flex; flex-wrap: wrap; gap: .5rem 2rem; margin-top: 2.5rem; }
.counts b { font-size: 20px; line-height: 1.2; }
.proportions { display: block; width: 100%; height: 8px; margin-top: .5rem; border-radius: 4px; }
.proportions rect { fill: var(--tone); }

.timeline svg[role] { display: block; width: 100%; min-width: 60rem; height: auto; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; margin-top: .5rem; color: var(--dim); font-size: 13px; }
.legend svg { vertical-align: -3px; }
svg text { fill: var(--ink); font-size: 14px; } svg .label { font-weight: 600; }
svg .end, svg .tick { fill: var(--dim); font-size: 13px; }
svg .grid { stroke: var(--line); } svg .bar { stroke: var(--line); stroke-width: 3; }
svg[role] :is(circle, path, rect) { stroke: var(--paper); stroke-width: 1.5; paint-order: stroke; }
svg .issued { fill: var(--focus); } svg .requested { fill: var(--check); } svg .proven { fill: var(--good); }
svg :is(.ended, .drifted) { fill: var(--bad); } svg .reissued path { stroke: var(--bad); stroke-width: 3; fill: none; }

.wide { margin-top: .75rem; overflow-x: auto; } .wide:focus-visible, summary:focus-visible { outline: 3px solid var(--focus); }
table { border-collapse: separate; border-spacing: 0; width: 100%; min-width: 70rem; table-layout: fixed; font-size: 12.5px; }
th, td { padding: .4rem .5rem .4rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
thead th { color: var(--dim); font-weight: 600; background: var(--paper); border-bottom: 2px solid var(--line); }
td.good, td.check, td.bad { color: var(--tone); } td.check, td.bad { font-weight: 600; }
.actions td:last-child { font: 10.5px/1.6 ui-monospace, monospace; color: var(--dim); }
.actions thead th:nth-child(1) { width: 15.5%; } .actions thead th:nth-child(2) { width: 12.3%; }
.actions thead th:nth-child(3) { width: 9.8%; } .actions thead th:nth-child(4) { width: 6.2%; }
.actions thead th:nth-child(5) { width: 9.8%; } .actions thead th:nth-child(6) { width: 12.5%; }
.actions thead th:nth-child(7) { width: 6.6%; } .actions thead th:nth-child(n+8) { width: 5.6%; }
.actions thead th:last-child { width: 10.5%; }
.rows { content-visibility: auto; contain-intrinsic-size: auto 9000px; }
@media screen and (min-width: 600px) and (max-width: 1199px) {
    th[scope="row"], thead th:first-child { position: sticky; left: 0; background: var(--paper); }
    .wide .rows { width: max-content; min-width: 100%; }
}
@media screen and (min-width: 1200px) {
    .wide { overflow: visible; } table { min-width: 0; }
    thead th { position: sticky; top: 0; z-index: 1; }
}
.values thead th:nth-child(1) { width: 24%; } .values thead th:nth-child(3) { width: 10%; }
.values tbody th { font-weight: 400; }

.record h3 { margin: 1rem 0 .25rem; }
summary { cursor: pointer; padding: .25rem 0; } summary span { color: var(--dim); font: 12.5px ui-monospace, monospace; }
.record > details > summary { margin-top: .5rem; font-weight: 600; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .1rem 1rem; margin: .5rem 0 1rem; }
dt { color: var(--dim); }
pre { margin: .25rem 0 1rem; padding: .75rem 1rem; border-radius: .3rem; background: var(--panel); overflow-x: auto; }

@media screen and (max-width: 899px) { .reasons li { grid-template-columns: minmax(0, 1fr); } .reasons p { padding-left: 1.15em; } }
@media screen and (max-width: 599px) {
    body { padding: 1rem 1rem 2rem; } h1 { font-size: 22px; } .verdict h2 { font-size: 22px; }
    section { margin-top: 2rem; }
    .counts { flex-direction: column; }
    .timeline { display: none; }
    .rows { contain-intrinsic-size: auto 40000px; }
    .wide { overflow: visible; } table { display: block; min-width: 0; font-size: 14px; } tbody { display: block; }
    thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
    tr { display: grid; grid-template-columns: repeat(6, minmax(0, 1fr)); gap: .1rem .5rem; padding: .75rem 0;
        border-bottom: 1px solid var(--line); }
    th, td { padding: 0; border: 0; grid-column: span 3; }
    th[scope="row"], td:last-child { grid-column: 1 / -1; }
    th[scope="row"] { font-size: 16px; }
    td:empty { display: none; }
    .actions td:nth-child(n+5) { font-size: 13px; } .actions td:nth-child(2), .actions td:nth-child(3) { font-size: 15px; }
    .actions td:nth-child(4), .actions td:nth-child(6) { grid-column: 1 / -1; }
    .actions td:nth-child(6) { order: 1; } .actions td:nth-child(n+8) { order: 2; } .actions td:last-child { order: 3; }
    .actions td:nth-child(n+8):not(:last-child) { grid-column: span 2; }
    .actions td:nth-child(n+6)::before { color: var(--dim); }
    .actions td:nth-child(4)::before { content: "! Re-issued "; width: auto; font-weight: 600; }
    .actions td:nth-child(6)::before { content: "Requested by "; } .actions td:nth-child(7)::before { content: "Before "; }
    .actions td:nth-child(8)::before { content: "Issued "; } .actions td:nth-child(9)::before { content: "Sent "; }
    .actions td:nth-child(10)::before { content: "Proven "; } .actions td:last-child { font-size: 11px; }
    .values td:nth-child(4)::before { content: "In the record: "; } .values td:nth-child(5)::before { content: "In Defender: "; }
    .values td:last-child { grid-column: 1 / -1; }
}

@page { size: landscape; margin: 10mm 9mm 12mm;
    @bottom-right { content: counter(page) " / " counter(pages); font: 7.5pt Arial, sans-serif; color: #57606a; } }
@media print {
    :root { color-scheme: light; }
    body { max-width: none; padding: 0; font-size: 8.5pt; line-height: 1.35; print-color-adjust: exact; }
    h1 { font-size: 16pt; } h2 { font-size: 11pt; } .verdict h2 { font-size: 14pt; }
    h3, .verification h2 { font-size: 8.5pt; } .meta, .note, .legend { font-size: 7.5pt; }
    section, .verification, .verdict { margin-top: 3.5mm; } .reasons { margin-top: 1.5mm; } .reasons li { padding: 1mm 0; }
    .counts { margin-top: 3.5mm; } .counts b { font-size: 11pt; }
    .reasons li, .timeline, .counts, tr { break-inside: avoid; } h2, .note, thead { break-after: avoid; }
    .timeline svg[role] { min-width: 0; max-width: 230mm; }
    .rows { content-visibility: visible; }
    .wide { overflow: visible; } table { min-width: 0; font-size: 6.8pt; line-height: 1.25; }
    thead { display: table-header-group; } th, td { padding: .4mm 1.2mm .4mm 0; }
    .actions td:last-child { font: 5.8pt/1.4 Arial, sans-serif; padding-right: 0; }
    .actions thead th:nth-child(1) { width: 13.5%; } .actions thead th:nth-child(2) { width: 10.8%; }
    .actions thead th:nth-child(3) { width: 8%; } .actions thead th:nth-child(4) { width: 5.5%; }
    .actions thead th:nth-child(5) { width: 9%; } .actions thead th:nth-child(6) { width: 17.6%; }
    .actions thead th:nth-child(7) { width: 6%; } .actions thead th:nth-child(n+8) { width: 4.5%; }
    .actions thead th:last-child { width: 16.1%; }
    .record { display: none; }
}
`;
