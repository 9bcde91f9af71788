import { htmlText } from "../../safe-text.ts";
import type { CancellationEntry } from "../../state/records.ts";
import { machineOf, typeOf } from "../report-data.ts";
import { type Finding, needsCheck, subjectOf } from "../verify/finding.ts";
import {
    commonDay,
    effectInWords,
    outcomeInWords,
    reissuesInWords,
    requestorInWords,
    type Tone,
    type Toned,
    timeInWords,
    worseTone,
} from "./page-words.ts";

/** The columns after the machine. The style names their headings again, for the cards of a phone. */
const headings = [
    "Outcome",
    "Effect",
    "Re-issued",
    "Type",
    "Requested by",
    "Before",
    "Issued",
    "Sent",
    "Proven",
    "Machine action",
];

/** What the rows have in common. */
interface View {
    /** The day of all times; undefined if they are of several days. */
    readonly day: string | undefined;
    /** The actions of which the verification found a value to check. */
    readonly differing: ReadonlySet<string>;
}

/** The rows of one table. A browser lays out only the tables that a reader sees, and each shows its headings. */
const chunkRows = 250;

/** All cancellations in the given order, one a row. */
export function actionTable(entries: readonly CancellationEntry[], findings: readonly Finding[] | undefined): string {
    if (entries.length === 0) {
        return "";
    }
    const day = commonDay(
        entries.flatMap(({ creationDateTimeUtc, requestedAtUtc, confirmedAtUtc }) => [
            creationDateTimeUtc,
            requestedAtUtc,
            confirmedAtUtc,
        ]),
    );
    const differing = new Set((findings ?? []).flatMap((one) => (needsCheck(one.verdict) ? subjectOf(one) : [])));
    const view: View = { day, differing };
    const chunks = Array.from({ length: Math.ceil(entries.length / chunkRows) }, (_, index) =>
        entries.slice(index * chunkRows, (index + 1) * chunkRows),
    );
    return `<section class="actions" aria-labelledby="actions">
<h2 id="actions">${entries.length === 1 ? "The machine action" : `All ${entries.length} machine actions, worst first`}</h2>
<p class="note">${day === undefined ? "Times are in UTC." : `All times are on ${day}, in UTC.`} Before is the status that was read before the cancel request. Cancelled is not proof that nothing ran: Effect says what is known.</p>
<div class="wide" role="region" aria-labelledby="actions" tabindex="0">
${chunks.map((chunk, index) => tableOf(chunk, chunks.length > 1 ? `Machine actions from ${index * chunkRows + 1}` : undefined, view)).join("\n")}
</div>
</section>`;
}

/** `label`: the name of one table of several. */
function tableOf(entries: readonly CancellationEntry[], label: string | undefined, view: View): string {
    const table = `<table aria-label${label === undefined ? 'ledby="actions"' : `="${label}"`}>
<thead><tr><th scope="col">Machine</th>${headings.map((heading) => `<th scope="col">${heading}</th>`).join("")}</tr></thead>
<tbody>
${entries.map((entry) => row(entry, view)).join("\n")}
</tbody>
</table>`;
    return label === undefined ? table : `<div class="rows">${table}</div>`;
}

function row(entry: CancellationEntry, { day, differing }: View): string {
    const [recorded, effect, again] = [outcomeInWords(entry), effectInWords(entry), reissuesInWords(entry)];
    // A record that Defender does not confirm is not good, even if it says so.
    const outcome: Toned = differing.has(entry.machineActionId)
        ? { text: `${recorded.text}, not confirmed`, tone: worseTone(recorded.tone, "check") }
        : recorded;
    const cells: readonly (readonly [text: string, tone?: Tone])[] = [
        [outcome.text, outcome.tone],
        [effect.text, effect.tone],
        [again.text, again.tone],
        [typeOf(entry)],
        [requestorInWords(entry)],
        [entry.statusBeforeCancel ?? ""],
        [timeInWords(entry.creationDateTimeUtc, day)],
        [timeInWords(entry.requestedAtUtc, day)],
        [timeInWords(entry.confirmedAtUtc, day)],
        [entry.machineActionId],
    ];
    return `<tr><th scope="row">${htmlText(machineOf(entry))}</th>${cells.map(([text, tone]) => cell(text, tone)).join("")}</tr>`;
}

function cell(text: string, tone: Tone | undefined): string {
    return text === "" ? "<td></td>" : `<td${tone === undefined ? "" : ` class="${tone}"`}>${htmlText(text)}</td>`;
}
