import { readableTime } from "../../provider/system/clock.ts";
import { counted } from "../../provider/text/counted.ts";
import { markdownText } from "../safe-text.ts";
import type { CancellationEntry } from "../state/records.ts";
import { countedEntries, countsInWords, machineOf, type Report, recordsInWords, typeOf } from "./report-data.ts";
import { needsCheck } from "./verify/finding.ts";
import { confirmationOf, isNeverRead } from "./verify/verify-action.ts";

const headings = [
    "Machine",
    "Type",
    "Requested by",
    "Issued",
    "Before",
    "Sent",
    "Proven",
    "Outcome",
    "Effect",
    "Re-issued",
    "Machine action",
];

/** A report as Markdown, for a pull request, a ticket or a pipeline's summary. */
export function markdownReport(report: Report): string {
    const { records, entries, all, unfinished, findings, generatedAtUtc } = report;
    const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
    return [
        "# Cancellations of machine actions",
        "",
        `${countedEntries(report, "cancellation")}, ${readableTime(generatedAtUtc)}. Outcome: ${plain(countsInWords(entries, "outcome"))}. ` +
            `Effect: ${plain(countsInWords(entries, "effect"))}.`,
        ...(records.length > 1 ? ["", `Records: ${markdownText(recordsInWords(records))}.`] : []),
        "",
        ...unfinished.flatMap((line) => [`Not complete: ${markdownText(line)}`, ""]),
        row(headings),
        row(headings.map(() => "---")),
        ...entries.map((entry) => row(cellsOf(entry))),
        "",
        "## Evidence",
        "",
        ...evidenceLines(entries),
        ...(findings ? ["", "## Verification", "", ...verificationLines(findings, all)] : []),
    ].join("\n");
}

function cellsOf(entry: CancellationEntry): string[] {
    const reissues = entry.reissues.map(({ id, status }) => `${id} ${status}`).join(", ");
    return [
        machineOf(entry),
        typeOf(entry),
        [entry.requestor, entry.requestorComment && `"${entry.requestorComment}"`].filter(Boolean).join(" "),
        readableTime(entry.creationDateTimeUtc),
        entry.statusBeforeCancel,
        readableTime(entry.requestedAtUtc),
        readableTime(entry.confirmedAtUtc),
        [entry.outcome, entry.adoptedFrom && `from ${entry.adoptedFrom}`, entry.failure].filter(Boolean).join(", "),
        entry.effect,
        reissues,
        entry.machineActionId,
    ].map((cell) => markdownText(cell ?? ""));
}

/** One line for all entries that have the same evidence. */
function evidenceLines(entries: readonly CancellationEntry[]): string[] {
    const groups = Map.groupBy(entries, ({ evidence: { commentSent, digest, appId, tenantId, apiHost } }) =>
        JSON.stringify([commentSent, digest, appId, tenantId, apiHost]),
    );
    return [...groups].map(([key, some]) => {
        const [comment, digest, appId, tenantId, apiHost] = JSON.parse(key) as (string | null)[];
        if (comment === null) {
            return `- No cancel request was sent for ${some.length} of them.`;
        }
        const by = [
            [appId, "by"],
            [tenantId, "in tenant"],
            [apiHost, "at"],
            [digest, "digest"],
        ].flatMap(([value, word]) => (value ? [`${word} ${markdownText(value)}`] : []));
        return `- ${some.length}: ${markdownText(comment ?? "")}, ${by.join(", ")}.`;
    });
}

function verificationLines(findings: NonNullable<Report["findings"]>, all: readonly CancellationEntry[]): string[] {
    const bad = findings.filter(({ verdict }) => needsCheck(verdict));
    const unread = all.filter(isNeverRead).length;
    return bad.length === 0
        ? [
              confirmationOf(findings, all) === "nothing"
                  ? "Defender confirms nothing in the record."
                  : "All fields that the API returns match.",
              ...(unread > 0 ? [`Not verified: ${counted(unread, "action")} that no run has read.`] : []),
          ]
        : bad.map(
              ({ where, field, verdict, stored = "", found = "", why }) =>
                  `- ${verdict}: ${markdownText(where)} ${markdownText(field)}: ${markdownText(stored)} stored, ` +
                  `${markdownText(found)} found${why ? ` (${markdownText(why)})` : ""}`,
          );
}

/** Removes all but letters, digits, spaces and commas, because counts can contain any text of a tampered state. */
function plain(text: string): string {
    return text.replace(/[^a-z\d ,]/gi, "");
}
