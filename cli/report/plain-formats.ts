import { createHash } from "node:crypto";
import { readableTime } from "../../provider/system/clock.ts";
import { counted } from "../../provider/text/counted.ts";
import { csvCell, jsonText } from "../safe-text.ts";
import type { CancellationEntry } from "../state/records.ts";
import { type Table, table, tableText } from "../table.ts";
import { countBy, countsInWords, fields, machineOf, type Report, recordsInWords, typeOf } from "./report-data.ts";

/** A CSV file with the complete record, one cancellation a line. */
export function csvReport({ entries }: Report): string {
    const lines = [fields.map(({ name }) => name), ...entries.map((entry) => fields.map(({ of }) => of(entry)))];
    return lines.map((line) => line.map((cell) => csvCell(cell)).join(",")).join("\n");
}

/** One JSON document. `recordsSha256` covers only the cancellations, so the same record always has the same hash. */
export function jsonReport(report: Report): string {
    const { records, entries, unfinished, findings, generatedAtUtc, packageVersion } = report;
    const cancellations = entries.map(({ resource: _, result: __, evidence, ...entry }) => ({ ...entry, evidence }));
    // The name of a file is no part of the record.
    const hashed = cancellations.map(({ source: _, ...entry }) => entry);
    return jsonText(
        {
            kind: "defender-cancellation report",
            version: 1,
            generatedAtUtc,
            packageVersion,
            counts: {
                total: entries.length,
                outcome: Object.fromEntries(countBy(entries, "outcome")),
                effect: Object.fromEntries(countBy(entries, "effect")),
            },
            recordsSha256: createHash("sha256").update(JSON.stringify(hashed)).digest("hex"),
            ...(records.length > 1 ? { records } : {}),
            ...(unfinished.length > 0 ? { unfinished } : {}),
            cancellations,
            ...(findings ? { verification: findings } : {}),
        },
        4,
    );
}

const columns = [
    { heading: "MACHINE", most: 32, least: 24 },
    { heading: "TYPE", most: 120, least: 10 },
    { heading: "OUTCOME", most: 28 },
    { heading: "EFFECT", most: 9 },
    { heading: "RE-ISSUED", most: 9, goes: 6 },
    { heading: "BEFORE", most: 10, goes: 5 },
    { heading: "REQUESTED BY", most: 28, least: 14, goes: 4 },
    { heading: "SENT", most: 20, goes: 3 },
    { heading: "PROVEN", most: 20, goes: 2 },
    { heading: "ID", most: 36, goes: 1 },
];

/** A table of cancellations. `width`: that of the terminal; undefined for a pipe or a file. */
export function entriesTable(entries: readonly CancellationEntry[], isOne: boolean, width: number | undefined): Table {
    const rows = entries.map((entry) => [
        machineOf(entry),
        typeOf(entry),
        entry.failure ?? entry.outcome,
        entry.effect,
        entry.reissues.length > 0 ? String(entry.reissues.length) : "",
        entry.statusBeforeCancel,
        entry.requestor,
        readableTime(entry.requestedAtUtc),
        readableTime(entry.confirmedAtUtc),
        entry.machineActionId,
        ...(isOne ? [] : [entry.source]),
    ]);
    return table(isOne ? columns : [...columns, { heading: "RECORD", most: 40, goes: 0 }], rows, width);
}

/** "60 cancellations: 58 cancelled, 2 tooLate; effect: 58 prevented, 2 ran", and the records if there are several. */
export function sumLines({ records, entries }: Report): readonly string[] {
    return [
        `${counted(entries.length, "cancellation")}: ${countsInWords(entries, "outcome")}; effect: ${countsInWords(entries, "effect")}`,
        ...(records.length === 1 ? [] : [`records: ${recordsInWords(records)}`]),
    ];
}

/** A report as text, for a pipe or a file. */
export function textReport(report: Report): string {
    return `${tableText(entriesTable(report.entries, report.records.length === 1, undefined))}\n${sumLines(report).join("\n")}`;
}
