import { createHash } from "node:crypto";
import { readableTime } from "../../provider/system/clock.ts";
import { htmlText } from "../safe-text.ts";
import type { CancellationEntry } from "../state/records.ts";
import { actionTable } from "./page/action-table.ts";
import { completeRecord } from "./page/complete-record.ts";
import { machinesToCheck } from "./page/machines-to-check.ts";
import { headingOf } from "./page/page-heading.ts";
import { pageStyle } from "./page/page-style.ts";
import { outcomeInWords, tones } from "./page/page-words.ts";
import { type Reason, reasonsToLook } from "./page/reasons.ts";
import { resultCounts } from "./page/result-counts.ts";
import { timeline } from "./page/timeline.ts";
import { valuesToCheck, verificationVerdict } from "./page/verification.ts";
import { countedEntries, type Report, recordsInWords } from "./report-data.ts";

/** The page may load nothing, run nothing and send nothing. The policy allows its only style by hash. */
const policy = [
    "default-src 'none'",
    `style-src 'sha256-${createHash("sha256").update(pageStyle).digest("base64")}'`,
    // For the empty icon, which keeps browsers from requesting an icon.
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
].join("; ");

/** A self-contained page for the auditor and for the incident's file: the verdict first, then the worst. */
export function htmlReport(report: Report): string {
    const { records, unfinished, findings, generatedAtUtc, packageVersion } = report;
    const reasons = reasonsToLook(report.entries, findings);
    const entries = worstFirst(report.entries, reasons);
    const { title, declared } = headingOf(report);
    return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>${htmlText(`${title} · ${declared}`)}</title>
<style>${pageStyle}</style>
</head>
<body>
<header>
<p class="kind">Cancellations of Defender machine actions</p>
<h1>${htmlText(title)}</h1>
<p class="meta">${countedEntries(report, "machine action")} of ${htmlText(declared)} · report of ${htmlText(readableTime(generatedAtUtc))} by pulumi-defender-cancellation ${htmlText(packageVersion)}</p>
${records.length > 1 ? `<p>Records: ${htmlText(recordsInWords(records))}.</p>\n` : ""}${unfinished.map((line) => `<p class="failed">Not complete: ${htmlText(line)}</p>\n`).join("")}</header>
<main>
${verificationVerdict(findings, report)}
${machinesToCheck(reasons, report)}
${entries.length === 0 ? "" : resultCounts(entries)}
${findings ? valuesToCheck(findings, report.all) : ""}${timeline(entries)}
${actionTable(entries, findings)}
${completeRecord(entries)}
</main>
</body>
</html>`;
}

/** The order of the page: actions with a reason to look at the machine first, then by how the cancellation ended. */
function worstFirst(entries: readonly CancellationEntry[], reasons: readonly Reason[]): CancellationEntry[] {
    const byTone = Map.groupBy(entries, (entry) => outcomeInWords(entry).tone);
    const rest = tones.toReversed().flatMap((tone) => byTone.get(tone) ?? []);
    return [...new Set([...reasons.map(({ entry }) => entry), ...rest])];
}
