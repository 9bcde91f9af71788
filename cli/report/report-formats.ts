import { eventLines } from "../events/event-lines.ts";
import { recordEvents } from "../events/record-events.ts";
import { chatReport } from "./chat-report.ts";
import { htmlReport } from "./html-report.ts";
import { markdownReport } from "./markdown-report.ts";
import { csvReport, jsonReport, textReport } from "./plain-formats.ts";
import type { Report } from "./report-data.ts";

/** The formats of `report`. */
export const reportFormats = {
    text: textReport,
    json: jsonReport,
    csv: csvReport,
    markdown: markdownReport,
    html: htmlReport,
    chat: chatReport,
    ocsf: (report: Report): string => eventLines(recordEvents(report), "ocsf"),
    asim: (report: Report): string => eventLines(recordEvents(report), "asim"),
    "machine-ids": ({ entries }: Report): string =>
        [...new Set(entries.flatMap(({ machineId }) => machineId ?? []))].sort().join("\n"),
} as const satisfies Readonly<Record<string, (report: Report) => string>>;

export type ReportFormat = keyof typeof reportFormats;
