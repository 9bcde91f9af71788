/** The page's style: for a wall across a room, and for a phone. */
export const pageStyle: string = `
:root {
    color-scheme: light dark;
    --ink: #14181d; --dim: #59626d; --paper: #f3f5f7; --panel: #ffffff; --line: #d8dee4; --flash: #fff1c2;
    --pending: #8a5a00; --progress: #0860ca; --cancelled: #17773a; --succeeded: #454c55; --failed: #b3410b;
    --timed-out: #6e7781; --late: #c91f2b; --reissue: #8430c4; --on-reissue: #ffffff;
}
@media (prefers-color-scheme: dark) {
    :root {
        --ink: #eef2f6; --dim: #9aa5b1; --paper: #0b0f14; --panel: #141a21; --line: #2b333d; --flash: #4a3a09;
        --pending: #f0b429; --progress: #5aa9ff; --cancelled: #45c46b; --succeeded: #c3ccd5; --failed: #ff8a4c;
        --timed-out: #8b96a2; --late: #ff6b6b; --reissue: #7d33bd;
    }
}
* { box-sizing: border-box; }
html { font: clamp(15px, 0.6vw + 7px, 24px)/1.35 system-ui, sans-serif; }
body {
    margin: 0; padding: .8rem 1.2rem 1.2rem; height: 100dvh; background: var(--paper); color: var(--ink);
    display: flex; flex-direction: column; gap: .7rem;
    font-variant-numeric: tabular-nums;
}
h1, h2 { margin: 0; font-size: 1.05rem; } h2 small { font-size: .9rem; font-weight: 400; color: var(--dim); }
[hidden] { display: none !important; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.on-phone { display: none; }

header { display: flex; align-items: baseline; gap: 1rem; }
header h1 { flex: 1; }
#clock { font-size: 1.3rem; font-weight: 600; }
#clock::after { content: " UTC"; font-size: .8rem; color: var(--dim); }
#connection { padding: .1rem .7rem; border-radius: 1rem; border: 1px solid currentColor; font-weight: 600; }
#connection.live { color: var(--cancelled); }
#connection.connecting { color: var(--pending); }
#connection.lost, #connection.ended { color: #fff; background: #b3151f; border-color: #b3151f; }
#trouble { margin: 0; padding: .5rem .9rem; border-radius: .5rem; background: #b3151f; color: #fff; font-weight: 600; }

#numbers { display: grid; grid-template-columns: repeat(auto-fit, minmax(6.5rem, 1fr)); gap: .7rem; margin: 0; }
.tile { background: var(--panel); border-radius: .6rem; padding: .5rem .9rem .6rem; border-top: .35rem solid var(--tone); }
.tile dt { font-size: 1.05rem; font-weight: 600; color: var(--tone); white-space: nowrap; }
.tile dd { margin: 0; }
.number { font-size: clamp(2.6rem, 4.6vw, 6rem); line-height: 1.05; font-weight: 750; }
.wide .number { font-size: clamp(2rem, 3.2vw, 4.4rem); line-height: 1.5; }
.note { min-height: 1.2em; font-size: .85rem; line-height: 1.2; color: var(--late); font-weight: 600; }
.none .number { color: var(--dim); opacity: .7; font-weight: 500; }
#tile-reissues:not(.none) { background: var(--tone); }
#tile-reissues:not(.none) :is(dt, dd) { color: var(--on-reissue); }
.pending { --tone: var(--pending); } .in-progress { --tone: var(--progress); }
.cancelled { --tone: var(--cancelled); } .succeeded { --tone: var(--succeeded); }
.failed { --tone: var(--failed); } .timed-out, .other { --tone: var(--timed-out); }
.late { --tone: var(--late); } .reissue { --tone: var(--reissue); }
#parts { display: flex; gap: 2px; height: .8rem; border-radius: .4rem; overflow: hidden; background: var(--line); }
#parts span { flex: 0 1 0; background: var(--tone); transition: flex-grow .6s; }

main { flex: 1; display: grid; grid-template-columns: minmax(0, 1fr) minmax(18rem, 28%); gap: .7rem; min-height: 0; }
aside { display: grid; grid-template-rows: auto minmax(0, 1fr); gap: .7rem; min-height: 0; }
section { background: var(--panel); border-radius: .6rem; padding: .6rem .9rem; min-height: 0; overflow: auto; }
section:focus-visible, summary:focus-visible, button:focus-visible { outline: 3px solid var(--progress); }
section > p { margin: .3rem 0 0; color: var(--dim); }
ul, ol { margin: 0; padding: 0; list-style: none; }

table { border-collapse: collapse; width: 100%; table-layout: fixed; }
th { text-align: left; font-size: .8rem; font-weight: 600; color: var(--dim); padding: .3rem .5rem .2rem 0; }
th.machine { width: 26%; } th.type { width: 17%; } th.status { width: 8.5rem; } th.since { width: 5.2rem; }
td { border-top: 1px solid var(--line); padding: .16rem .5rem .16rem 0; }
.fit { display: flex; align-items: baseline; gap: .4rem; }
.text { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; unicode-bidi: isolate; }
tr { transition: background-color 1s; }
tr.changed { background: var(--flash); transition: none; }
.machine { color: var(--dim); } .machine b { font-size: 1.05rem; color: var(--ink); }
td.requestor, td.canceller { font-size: .92rem; }
td i { font-style: normal; font-size: .78rem; font-weight: 600; border-radius: .3rem; padding: 0 .35rem;
    white-space: nowrap; }
i.reissue { background: var(--reissue); color: var(--on-reissue); }
i.presence { color: var(--dim); border: 1px solid currentColor; } i.is-online { color: var(--progress); }
.state { font-weight: 650; color: var(--tone); }
.state::before { content: ""; display: inline-block; width: .65em; height: .65em; border-radius: 50%; margin-right: .4em;
    background: var(--tone); }
.state.pending::before { background: none; border: .15em solid var(--tone); }
.state.late::before { border-radius: 0; }
details { border-top: 1px solid var(--line); } details.empty { display: none; }
summary { cursor: pointer; padding: .5rem 0; font-size: 1.1rem; } summary b { font-size: 1.3rem; }
.more { font: inherit; margin: .6rem 0; padding: .4rem 1rem; color: inherit; background: none; cursor: pointer;
    border: 1px solid var(--dim); border-radius: .4rem; }

.quota { display: flex; flex-wrap: wrap; gap: 0 .6rem; padding: .3rem 0; }
.quota .application { flex: 1 1 100%; font-weight: 600; overflow-wrap: anywhere; }
.quota .used { white-space: nowrap; } .quota .used b { font-size: 1.2rem; }
.bar { flex: 1 1 100%; order: 1; height: .5rem; border-radius: .25rem; background: var(--line); overflow: hidden; }
.filled { display: block; height: 100%; background: var(--progress); }
.left { color: var(--dim); align-self: end; margin-left: auto; }
.full .filled { background: var(--late); } .full .left { color: var(--late); font-weight: 700; }

#requests li { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0 .6rem; padding: .2rem 0 .25rem;
    border-top: 1px solid var(--line); }
#requests time { margin-right: .6rem; } #requests :is(.meaning, .code) { font-weight: 650; }
#requests :is(.refused, .throttled) :is(.meaning, .code) { color: var(--late); }
#requests .disturbed :is(.meaning, .code) { color: var(--failed); }
#requests .target { grid-column: 1 / -1; color: var(--dim); }
#requests .target span { font: .78rem ui-monospace, monospace; }
#requests .target b { color: var(--ink); font-weight: 500; margin: 0 .6rem 0 .3rem; }

@media (max-width: 760px) {
    html { font-size: 16px; }
    body { display: block; height: auto; padding: .6rem .7rem 2rem; }
    header { flex-wrap: wrap; gap: .2rem .7rem; position: sticky; top: 0; z-index: 1; background: var(--paper);
        padding: .3rem 0; }
    header h1 { flex: 1; font-size: .95rem; } #clock { font-size: .95rem; } #clock::after { content: ""; }
    #trouble, #numbers, #parts, main, aside, section { margin-bottom: .6rem; }
    #numbers { grid-template-columns: repeat(3, minmax(0, 1fr)); gap: .4rem; }
    .tile { padding: .3rem .5rem .4rem; } .tile dt { font-size: .95rem; } .number { font-size: 2.5rem; }
    .wide .number { font-size: 1.8rem; }
    .note { min-height: 0; }
    #tile-reissues { grid-column: 1 / -1; display: flex; align-items: baseline; gap: .8rem; }
    #tile-reissues dt { flex: 1; }
    main, aside { display: flex; flex-direction: column; gap: 0; }
    aside { display: contents; } #quota { order: -2; } #happened { max-height: 15rem; order: -1; }
    section { overflow: visible; margin: 0 0 .6rem; } #happened { overflow: auto; }
    thead { display: none; } table, tbody { display: block; } .on-phone { display: inline; color: var(--dim); }
    tr { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0 .6rem; padding: .45rem 0;
        border-top: 1px solid var(--line); }
    td { border: 0; padding: 0; } td.empty { display: none; } td .text { white-space: normal; overflow-wrap: anywhere; }
    td.machine .text { font-size: .85rem; }
    .machine b:not(.long) { white-space: nowrap; }
    td.status { grid-column: 2; grid-row: 1; justify-self: end; } td.type { grid-row: 2; } td.since { grid-row: 2; grid-column: 2; }
    td.requestor, td.canceller { grid-column: 1 / -1; } .fit { flex-wrap: wrap; gap: 0 .4rem; }
    .machine b { font-size: 1.1rem; } tr.changed { margin: 0 -.9rem; padding-inline: .9rem; }
}
@media (prefers-reduced-motion: reduce) { *, *::before { transition: none !important; } }
`;
