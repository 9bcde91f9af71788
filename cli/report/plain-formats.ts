import { createHash } from "node:crypto";
import { readableTime } from "../../provider/system/clock.ts";
import { csvCell, jsonText } from "../safe-text.ts";
import { table } from "../table.ts";
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
    { heading: "ID", most: 36 },
    { heading: "MACHINE", most: 32 },
    { heading: "TYPE", most: 120 },
    { heading: "REQUESTED BY", most: 28 },
    { heading: "BEFORE", most: 10 },
    { heading: "SENT", most: 20 },
    { heading: "PROVEN", most: 20 },
    { heading: "OUTCOME", most: 24 },
    { heading: "EFFECT", most: 9 },
    { heading: "RE-ISSUED", most: 9 },
];

/** A report as text, for a terminal. */
export function textReport({ records, entries }: Report): string {
    const isOne = records.length === 1;
    const rows = entries.map((entry) => [
        entry.machineActionId,
        machineOf(entry),
        typeOf(entry),
        entry.requestor,
        entry.statusBeforeCancel,
        readableTime(entry.requestedAtUtc),
        readableTime(entry.confirmedAtUtc),
        entry.failure ?? entry.outcome,
        entry.effect,
        entry.reissues.length > 0 ? String(entry.reissues.length) : "",
        ...(isOne ? [] : [entry.source]),
    ]);
    const shown = isOne ? columns : [...columns, { heading: "RECORD", most: 40 }];
    const from = isOne ? "" : `\nrecords: ${recordsInWords(records)}`;
    return `${table(shown, rows)}\n${entries.length} cancellations: ${countsInWords(entries, "outcome")}; effect: ${countsInWords(entries, "effect")}${from}`;
}
