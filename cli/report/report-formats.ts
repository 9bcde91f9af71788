import { eventLines } from "../events/event-lines.ts";
import { recordEvents } from "../events/record-events.ts";
import { chatReport } from "./chat-report.ts";
import { htmlReport } from "./html-report.ts";
import { markdownReport } from "./markdown-report.ts";
import { csvReport, jsonReport, textReport } from "./plain-formats.ts";
import type { Report } from "./report-data.ts";
import { machineIds } from "./worklist.ts";

/** The names of the formats of `report`. */
export type ReportFormat = "text" | "json" | "csv" | "markdown" | "html" | "chat" | "ocsf" | "asim" | "machine-ids";

/** The formats of `report`. */
export const reportFormats: Readonly<Record<ReportFormat, (report: Report) => string>> = {
    text: textReport,
    json: jsonReport,
    csv: csvReport,
    markdown: markdownReport,
    html: htmlReport,
    chat: chatReport,
    ocsf: (report) => eventLines(recordEvents(report), "ocsf"),
    asim: (report) => eventLines(recordEvents(report), "asim"),
    "machine-ids": machineIds,
};
