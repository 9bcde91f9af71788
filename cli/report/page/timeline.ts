import { momentOf, readableTime } from "../../../provider/system/clock.ts";
import { firstOf } from "../../../provider/text/first-of.ts";
import { stateOfEntry } from "../../events/entry-state.ts";
import { cleanText, htmlText } from "../../safe-text.ts";
import type { CancellationEntry } from "../../state/records.ts";
import { machineOf } from "../report-data.ts";
import { effectInWords, outcomeInWords } from "./page-words.ts";
import { timeAxis } from "./time-axis.ts";

/** The maximum number of rows. The table has all cancellations. */
const maxRows = 20;

const width = 1_200;
const left = 352;
const right = width - 24;
const rowHeight = 42;
const top = 44;
/** A shorter span is one mark, at its end. */
const minBand = 24;
const maxLabel = 38;
const maxEnd = 52;

type MomentKind = "issued" | "requested" | "proven" | "ended" | "drifted" | "reissued";

const kindWords: Readonly<Record<MomentKind, string>> = {
    issued: "issued",
    requested: "cancel request sent",
    proven: "end proven",
    ended: "ran or ended before it could be cancelled",
    drifted: "no longer cancelled",
    reissued: "issued again",
};
const kinds = Object.keys(kindWords) as MomentKind[];

interface Moment {
    readonly at: number;
    readonly kind: MomentKind;
}

/** One row: the actions that ended alike, and the earliest and latest time of each kind of moment. */
interface Row {
    readonly label: string;
    readonly end: string;
    readonly spans: readonly Span[];
}

interface Span {
    readonly kind: MomentKind;
    readonly from: number;
    readonly to: number;
    readonly count: number;
}

/**
 * A timeline as SVG: when actions were issued, when their cancellations were requested and proven, and when they were
 * issued again. Actions that ended alike share a row. The rows have the order of the entries. It has no styles, scripts
 * or links of its own, and uses the page's classes. Empty if the record has no time.
 */
export function timeline(entries: readonly CancellationEntry[]): string {
    const groups = [...Map.groupBy(entries, kindOf).values()];
    const rows = groups.slice(0, maxRows).map(rowOf);
    const spans = rows.flatMap((row) => row.spans);
    if (spans.length === 0) {
        return "";
    }
    // `reduce` and not a spread argument, because the number of arguments of a call is limited.
    const from = spans.map((span) => span.from).reduce((one, other) => Math.min(one, other));
    const to = Math.max(
        spans.map((span) => span.to).reduce((one, other) => Math.max(one, other)),
        from + 60_000,
    );
    const x = (at: number) => Number((left + ((at - from) / (to - from)) * (right - left)).toFixed(1));
    const height = top + rows.length * rowHeight + 6;
    const rest = groups.slice(maxRows).reduce((sum, { length }) => sum + length, 0);
    const shown = kinds.filter((kind) => spans.some((span) => span.kind === kind));
    return `<section class="timeline" aria-labelledby="timeline">
<h2 id="timeline">Timeline</h2>
<p class="legend">${shown.map(legendOf).join("")}</p>
<div class="wide" role="region" aria-labelledby="timeline" tabindex="0">
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Timeline of ${entries.length} cancellations in ${rows.length} rows. The table has the same times.">
${timeAxis(from, to, x, height)}
${rows.map((row, index) => drawn(row, top + index * rowHeight + rowHeight / 2, x)).join("\n")}
</svg>
</div>${rest > 0 ? `\n<p class="note">The timeline leaves out ${rest} of ${entries.length} cancellations, which the table has.</p>` : ""}
</section>`;
}

/** Actions with the same kind share a row. */
function kindOf(entry: CancellationEntry): string {
    const { type, requestor, requestorComment } = entry;
    const again = entry.reissues.map(({ status }) => status);
    return JSON.stringify([endOf(entry), type, requestor, requestorComment, again]);
}

function endOf(entry: CancellationEntry): string {
    const end = `${outcomeInWords(entry).text} · ${effectInWords(entry).text}`;
    return entry.reissues.length > 0 ? `${end} · Issued again` : end;
}

function rowOf(entries: readonly CancellationEntry[]): Row {
    const [first] = entries;
    const names = [...new Set(entries.map(machineOf))].sort();
    const moments = Map.groupBy(entries.flatMap(momentsOf), ({ kind }) => kind);
    return {
        label: firstOf(names, 1).join(" "),
        end: first === undefined ? "" : `${first.type ?? "Action"} · ${endOf(first)}`,
        spans: [...moments].map(([kind, some]) => ({
            kind,
            count: some.length,
            from: some.map(({ at }) => at).reduce((one, other) => Math.min(one, other)),
            to: some.map(({ at }) => at).reduce((one, other) => Math.max(one, other)),
        })),
    };
}

function momentsOf(entry: CancellationEntry): Moment[] {
    const { state } = stateOfEntry(entry);
    const isBad = outcomeInWords(entry).tone === "bad" || effectInWords(entry).tone === "bad";
    const moments: readonly (readonly [MomentKind, string | undefined])[] = [
        ["issued", entry.creationDateTimeUtc],
        ["requested", entry.requestedAtUtc],
        [state === "drifted" ? "drifted" : isBad ? "ended" : "proven", entry.confirmedAtUtc],
        ...entry.reissues.map((reissue) => ["reissued", reissue.creationDateTimeUtc] as const),
    ];
    return moments.map(([kind, time]) => ({ kind, at: momentOf(time) })).filter(({ at }) => !Number.isNaN(at));
}

/** Of moments that can be seconds apart, one is above the line and one below it. */
const offsets: Readonly<Partial<Record<MomentKind, number>>> = {
    requested: -7,
    proven: 7,
    ended: 8,
    drifted: 7,
};

function drawn({ label, end, spans }: Row, y: number, x: (at: number) => number): string {
    const ends = spans.filter(({ kind }) => kind !== "reissued").flatMap((span) => [x(span.from), x(span.to)]);
    const line =
        ends.length > 1
            ? `<line class="bar" x1="${Math.min(...ends)}" y1="${y}" x2="${Math.max(...ends)}" y2="${y}"/>`
            : "";
    const isRequested = spans.some(({ kind }) => kind === "requested");
    const marks = spans.map((span) => {
        const [from, to] = [x(span.from), x(span.to)];
        const offset = isRequested ? (offsets[span.kind] ?? 0) : 0;
        const times =
            span.from === span.to ? readableTime(span.from) : `${readableTime(span.from)} to ${readableTime(span.to)}`;
        const isLong = to - from > minBand;
        const band = isLong
            ? `<rect x="${from}" y="${y + offset - 2}" width="${(to - from).toFixed(1)}" height="4"/>`
            : "";
        const shapes = (isLong ? [from, to] : [to]).map((at) => shapeOf(span.kind, at, y + offset));
        return `<g class="${span.kind}"><title>${span.count} ${kindWords[span.kind]}, ${htmlText(times)}</title>${band}${shapes.join("")}</g>`;
    });
    return `<g><text class="label" x="0" y="${y - 3}">${htmlText(cleanText(label, maxLabel))}</text><text class="end" x="0" y="${y + 14}">${htmlText(cleanText(end, maxEnd))}</text>${line}${marks.join("")}</g>`;
}

function shapeOf(kind: MomentKind, x: number, y: number): string {
    switch (kind) {
        case "issued":
            return `<circle cx="${x}" cy="${y}" r="6"/>`;
        case "requested":
            return `<path d="M${x} ${y - 7}l7 13h-14z"/>`;
        case "proven":
            return `<rect x="${x - 6}" y="${y - 6}" width="12" height="12"/>`;
        case "drifted":
            return `<path d="M${x - 8} ${y - 6}h16l-8 13z"/>`;
        case "ended":
            return `<path d="M${x} ${y - 8}l8 8l-8 8l-8 -8z"/>`;
        case "reissued":
            return `<path d="M${x - 6} ${y - 6}l12 12m0-12l-12 12"/>`;
    }
}

function legendOf(kind: MomentKind): string {
    return `<span><svg width="16" height="16" viewBox="0 0 18 18" aria-hidden="true"><g class="${kind}">${shapeOf(kind, 9, 9)}</g></svg> ${kindWords[kind]}</span>`;
}
