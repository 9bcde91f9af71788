import { momentOf, readableTime } from "../../provider/system/clock.ts";
import { htmlText } from "../safe-text.ts";
import type { CancellationEntry } from "../state/records.ts";
import { machineOf } from "./report-data.ts";

/** The maximum number of rows. More would not be readable, and the table below has all cancellations. */
const maxRows = 40;

const width = 960;
const left = 230;
const right = width - 30;
const rowHeight = 22;
const top = 46;

/**
 * A timeline as SVG: when each action was issued, when its cancellation was requested and proven, and when it was
 * issued again. It has one row for each action, and begins with those that need attention. It has no styles, scripts or
 * links of its own, and uses the page's classes.
 */
export function timeline(entries: readonly CancellationEntry[]): string {
    const rows = entries.toSorted((one, other) => concern(other) - concern(one)).slice(0, maxRows);
    const times = rows.flatMap((entry) => momentsOf(entry).map(({ at }) => at));
    if (times.length === 0) {
        return "";
    }
    // `reduce` and not a spread argument, because the number of arguments of a call is limited.
    const from = times.reduce((one, other) => Math.min(one, other));
    const to = Math.max(
        times.reduce((one, other) => Math.max(one, other)),
        from + 60_000,
    );
    const x = (at: number) => Number((left + ((at - from) / (to - from)) * (right - left)).toFixed(1));
    const height = top + rows.length * rowHeight + 10;
    return [
        `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Timeline of ${rows.length} cancellations">`,
        ...axis(from, to, x, height),
        ...rows.map((entry, index) => row(entry, top + index * rowHeight + rowHeight / 2, x)),
        "</svg>",
        ...(entries.length > rows.length
            ? [
                  `<p>The timeline shows ${rows.length} of ${entries.length} cancellations. Actions that were issued again, are not proven, or may have run come first.</p>`,
              ]
            : []),
    ].join("\n");
}

/** How urgently a reader should check the entry. */
function concern({ effect, reissues }: CancellationEntry): number {
    return ["prevented", "unknown", "ran", "unproven"].indexOf(effect) + (reissues.length > 0 ? 4 : 0);
}

interface Moment {
    readonly at: number;
    readonly kind: "issued" | "requested" | "proven" | "reissued";
    readonly text: string;
}

function momentsOf(entry: CancellationEntry): Moment[] {
    const { creationDateTimeUtc, requestedAtUtc, confirmedAtUtc, requestor = "an unknown requestor" } = entry;
    const moments: [Moment["kind"], string | undefined, string][] = [
        ["issued", creationDateTimeUtc, `issued by ${requestor}`],
        ["requested", requestedAtUtc, "cancellation requested"],
        ["proven", confirmedAtUtc, `proven: ${entry.outcome}`],
        ...entry.reissues.map(
            ({ creationDateTimeUtc, requestor = "an unknown requestor", status }): (typeof moments)[number] => [
                "reissued",
                creationDateTimeUtc,
                `issued again by ${requestor}: ${status}`,
            ],
        ),
    ];
    return moments
        .map(([kind, time, what]) => ({ kind, at: momentOf(time), text: `${readableTime(time)} ${what}` }))
        .filter(({ at }) => !Number.isNaN(at));
}

const hour = 3_600_000;
const steps = [60_000, 5 * 60_000, 15 * 60_000, hour, 3 * hour, 12 * hour, 24 * hour, 7 * 24 * hour, 30 * 24 * hour];

function axis(from: number, to: number, x: (at: number) => number, height: number): string[] {
    const step = steps.find((one) => (to - from) / one <= 6) ?? (to - from) / 6;
    const first = Math.ceil(from / step) * step;
    const ticks = Array.from({ length: Math.floor((to - first) / step) + 1 }, (_, index) => first + index * step);
    return ticks.map((at) => {
        const time = new Date(at).toISOString();
        return (
            `<line class="grid" x1="${x(at)}" y1="${top - 6}" x2="${x(at)}" y2="${height}"/>` +
            `<text class="tick" x="${x(at)}" y="16" text-anchor="middle">${time.slice(0, 10)}</text>` +
            `<text class="tick" x="${x(at)}" y="30" text-anchor="middle">${time.slice(11, 16)} UTC</text>`
        );
    });
}

function row(entry: CancellationEntry, y: number, x: (at: number) => number): string {
    const moments = momentsOf(entry);
    const issued = moments.find(({ kind }) => kind === "issued");
    const last = moments.findLast(({ kind }) => kind === "proven" || kind === "requested");
    const machine = machineOf(entry);
    const label = machine.length > 32 ? `${machine.slice(0, 31)}…` : machine;
    const bar =
        issued && last
            ? `<line class="${last.kind === "proven" ? "bar" : "bar open"}" x1="${x(issued.at)}" y1="${y}" x2="${x(last.at)}" y2="${y}"/>`
            : "";
    return `<g><text class="label" x="8" y="${y + 4}">${htmlText(label)}</text>${bar}${moments.map((one) => mark(one, x(one.at), y)).join("")}</g>`;
}

function mark({ kind, text }: Moment, x: number, y: number): string {
    const shape = {
        issued: `<circle cx="${x}" cy="${y}" r="5"/>`,
        requested: `<path d="M${x} ${y - 6}l6 11h-12z"/>`,
        proven: `<rect x="${x - 5}" y="${y - 5}" width="10" height="10"/>`,
        reissued: `<path d="M${x - 5} ${y - 5}l10 10m0-10l-10 10"/>`,
    }[kind];
    return `<g class="${kind}"><title>${htmlText(text)}</title>${shape}</g>`;
}
