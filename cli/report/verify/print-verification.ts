import { sanitize } from "../../../provider/text/sanitize.ts";
import type { Printer } from "../../printer.ts";
import { type Finding, needsCheck, type Verdict } from "./finding.ts";
import { summarize, unverifiableInWords, type VerifiedEntries } from "./verification-summary.ts";

/** How a report is shown. */
export interface ReportView {
    readonly isText: boolean;
    /** Whether the report is text on a terminal. */
    readonly isOnTerminal: boolean;
    /** Whether a terminal shows everything. */
    readonly isAll: boolean;
}

const verdictStyles = { good: "green", partial: "yellow", bad: "red" } as const;

/** Prints the result of a verification on a terminal: the verdict, then what differs or, with `--all`, every value. */
export function printVerification(
    findings: readonly Finding[],
    entries: VerifiedEntries,
    { isAll }: ReportView,
    printer: Printer,
): void {
    const { verdict, tone, differences, next } = summarize(findings, entries);
    printer.say(verdict, verdictStyles[tone]);
    if (isAll) {
        printLines(findings, printer);
    } else {
        for (const line of differences) {
            printer.say(line, line.startsWith(" ") ? undefined : "red");
        }
    }
    for (const line of next) {
        printer.say(line);
    }
}

/**
 * Logs the findings, and returns whether a reader has to check any. A report in another format than text contains all
 * findings, so only those to check are logged. A terminal has shown them.
 */
export function logFindings(
    findings: readonly Finding[],
    { isText, isOnTerminal, isAll }: ReportView,
    printer: Printer,
): boolean {
    const bad = findings.filter(({ verdict }) => needsCheck(verdict));
    if (isText && !isOnTerminal) {
        printLines(findings, printer);
    } else if (!isText) {
        printer.note(bad.length > 0 ? bad.map(lineOf) : "no mismatch");
    }
    const count = (verdict: Verdict) => findings.filter((one) => one.verdict === verdict).length;
    const rare = (["missing", "secret"] as const).filter((verdict) => count(verdict) > 0);
    printer.note(
        `verified: ${count("match")} match, ${count("mismatch")} mismatch, ` +
            `${rare.map((verdict) => `${count(verdict)} ${verdict}, `).join("")}` +
            `${count("gone")} gone, ${count("unverifiable")} unverifiable`,
    );
    for (const sentence of unverifiableInWords(findings)) {
        printer.note(`${sentence}${isOnTerminal && !isAll ? ": --all lists them" : ""}`);
    }
    return bad.length > 0;
}

/** Prints a line for each value. */
function printLines(findings: readonly Finding[], printer: Printer): void {
    for (const finding of findings) {
        printer.out(lineOf(finding), needsCheck(finding.verdict) ? "red" : undefined);
    }
}

function lineOf({ where, field, verdict, stored, found, why }: Finding): string {
    const values = [stored && `stored ${shorten(stored)}`, found && `found ${shorten(found)}`, why]
        .filter(Boolean)
        .join("; ");
    // A state can hold any text, and a line break in it must not begin a line.
    return sanitize(`${verdict.padEnd(12)}  ${where}  ${field}${values ? `: ${values}` : ""}`);
}

function shorten(text: string): string {
    return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}
