import { createHash } from "node:crypto";
import { readableTime } from "../../provider/system/clock.ts";
import { htmlText } from "../safe-text.ts";
import type { CancellationEntry } from "../state/records.ts";
import { countBy, fields, machineOf, type Report, recordsInWords, typeOf } from "./report-data.ts";
import { timeline } from "./timeline.ts";
import { needsCheck } from "./verify/finding.ts";

const style = `
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --soft: #eef1f4; --line: #c9d1d9; --blue: #0969da;
    --green: #1a7f37; --amber: #9a6700; --red: #cf222e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --paper: #0d1117; --soft: #161b22; --line: #30363d;
    --blue: #4493f8; --green: #3fb950; --amber: #d29922; --red: #f85149; } }
body { margin: 2rem auto; max-width: 75rem; padding: 0 1rem; background: var(--paper); color: var(--ink);
    font: 14px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
ul.counts { display: flex; flex-wrap: wrap; gap: .75rem; padding: 0; list-style: none; }
ul.counts li { background: var(--soft); border-radius: .5rem; padding: .5rem 1rem; }
ul.counts b { display: block; font-size: 1.4rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .6rem; text-align: left; vertical-align: top; }
th, td:first-child { white-space: nowrap; } td.code { font-family: ui-monospace, monospace; font-size: 12px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .5rem 0 1rem; }
dt { color: var(--amber); } dd { margin: 0; overflow-wrap: anywhere; font-family: ui-monospace, monospace; font-size: 12px; }
.good { color: var(--green); } .bad { color: var(--red); } .open { color: var(--amber); }
svg { background: var(--soft); border-radius: .5rem; width: 100%; height: auto; }
svg text { fill: var(--ink); font: 12px system-ui, sans-serif; } svg .tick { font-size: 11px; }
svg .grid { stroke: var(--line); } svg .bar { stroke: var(--line); stroke-width: 4; } svg .bar.open { stroke-dasharray: 4 4; }
.issued { fill: var(--blue); } .requested { fill: var(--amber); } .proven { fill: var(--green); }
.reissued { stroke: var(--red); stroke-width: 3; fill: none; }
.legend svg { width: 16px; background: none; vertical-align: middle; } .legend span { margin-right: 1.2rem; }
`;

/** The page may load nothing, run nothing and send nothing. The policy allows its only style by hash. */
const policy = [
    "default-src 'none'",
    `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`,
    // For the empty icon, which keeps browsers from requesting an icon.
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
].join("; ");

const headings = ["Machine", "Type", "Requested by", "Before", "Sent", "Proven", "Outcome", "Effect", "Re-issued"];

/** A self-contained page for the auditor and for the incident's file. */
export function htmlReport(report: Report): string {
    const { records, entries, unfinished, findings, generatedAtUtc, packageVersion } = report;
    return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>Cancellations of machine actions</title>
<style>${style}</style>
</head>
<body>
<h1>Cancellations of machine actions</h1>
<p>From the state of ${htmlText([...new Set(entries.map(({ declaredBy }) => declaredBy))].slice(0, 10).join(", ") || "an empty stack")}, ${htmlText(readableTime(generatedAtUtc))}, by pulumi-defender-cancellation ${htmlText(packageVersion)}.</p>${records.length > 1 ? `\n<p>Records: ${htmlText(recordsInWords(records))}.</p>` : ""}
${unfinished.map((line) => `<p class="bad">Not complete: ${htmlText(line)}</p>\n`).join("")}<ul class="counts">
${[["cancellations", entries.length] as const, ...countBy(entries, "outcome"), ...effectCounts(entries)]
    .map(([name, count]) => `<li><b>${count}</b>${htmlText(name)}</li>`)
    .join("\n")}
</ul>
<h2>Timeline</h2>
<p class="legend">${legend}</p>
<div class="wide">
${timeline(entries)}
</div>
<h2>What was cancelled</h2>
<div class="wide">
<table>
<thead><tr>${headings.map((heading) => `<th scope="col">${heading}</th>`).join("")}</tr></thead>
<tbody>
${entries.map(row).join("\n")}
</tbody>
</table>
</div>
${findings ? verification(findings) : ""}<h2>The whole record</h2>
${entries.map(record).join("\n")}
</body>
</html>`;
}

function effectCounts(entries: readonly CancellationEntry[]): [string, number][] {
    return [...countBy(entries, "effect")].map(([effect, count]) => [`effect ${effect}`, count]);
}

const sign = (kind: string, shape: string) =>
    `<span><svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true"><g class="${kind}">${shape}</g></svg> ${kind === "reissued" ? "issued again" : kind}</span>`;

const legend = [
    sign("issued", '<circle cx="8" cy="8" r="5"/>'),
    sign("requested", '<path d="M8 2l6 11h-12z"/>'),
    sign("proven", '<rect x="3" y="3" width="10" height="10"/>'),
    sign("reissued", '<path d="M3 3l10 10m0-10l-10 10"/>'),
].join("");

function row(entry: CancellationEntry): string {
    const { requestor = "", requestorComment, outcome, adoptedFrom, failure, effect, reissues } = entry;
    const cells: (readonly [text: string, name?: string])[] = [
        [machineOf(entry)],
        [typeOf(entry)],
        [[requestor, requestorComment && `"${requestorComment}"`].filter(Boolean).join(" ")],
        [entry.statusBeforeCancel ?? ""],
        [readableTime(entry.requestedAtUtc)],
        [readableTime(entry.confirmedAtUtc)],
        [
            [outcome, adoptedFrom && `from ${adoptedFrom}`, failure].filter(Boolean).join(", "),
            outcome === "unproven" ? "bad" : "good",
        ],
        [effect, effect === "prevented" ? "good" : effect === "ran" ? "bad" : "open"],
        [reissues.length > 0 ? String(reissues.length) : "", "bad"],
    ];
    return `<tr>${cells.map(([text, name]) => `<td${name ? ` class="${name}"` : ""}>${htmlText(text)}</td>`).join("")}</tr>`;
}

/** All data of one cancellation, which a click opens. */
function record(entry: CancellationEntry): string {
    const known = fields.flatMap(({ name, of }) => {
        const value = of(entry);
        return value === undefined || value === "" ? [] : [`<dt>${name}</dt><dd>${htmlText(String(value))}</dd>`];
    });
    return `<details><summary>${htmlText(machineOf(entry))}, ${htmlText(entry.machineActionId)}</summary><dl>${known.join("")}</dl></details>`;
}

function verification(findings: NonNullable<Report["findings"]>): string {
    const count = (verdict: string) => findings.filter((one) => one.verdict === verdict).length;
    const bad = findings.filter(({ verdict }) => needsCheck(verdict));
    const rows = bad.map(
        ({ where, field, verdict, stored = "", found = "", why = "" }) =>
            `<tr><td class="code">${htmlText(where)}</td><td>${htmlText(field)}</td><td class="bad">${verdict}</td>` +
            `<td class="code">${htmlText(stored)}</td><td class="code">${htmlText(found)}</td><td>${htmlText(why)}</td></tr>`,
    );
    return `<h2>Verification</h2>
<p>Read again from Defender: ${count("match")} values match, ${count("mismatch")} do not, ${count("missing")} are missing, ${count("secret")} are secret, ${count("gone")} actions are gone, ${count("unverifiable")} values are plausible but cannot be verified.</p>
${rows.length > 0 ? `<div class="wide"><table><thead><tr><th>Where</th><th>Field</th><th>Verdict</th><th>Stored</th><th>Found</th><th>Why</th></tr></thead><tbody>${rows.join("\n")}</tbody></table></div>\n` : ""}`;
}
