import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { Option } from "commander";
import { packageVersion } from "../../provider/model/package-version.ts";
import { utc } from "../../provider/system/clock.ts";
import { openCliSession } from "../cli-session.ts";
import type { AddCommand, Work } from "../command-frame.ts";
import { CliError, type ExitCode, exitCodes, wrongValue } from "../exit-codes.ts";
import type { Printer } from "../printer.ts";
import { type CancellationEntry, entriesOfState } from "../state/records.ts";
import { addStateSource, readState, type StateSource, unfinishedRuns } from "../state/stack-state.ts";
import { htmlReport } from "./html-report.ts";
import { markdownReport } from "./markdown-report.ts";
import { csvReport, jsonReport, textReport } from "./plain-formats.ts";
import type { Report } from "./report-data.ts";
import type { Finding } from "./verify/finding.ts";
import { verifyState } from "./verify/verify-state.ts";

const formats = {
    text: textReport,
    json: jsonReport,
    csv: csvReport,
    markdown: markdownReport,
    html: htmlReport,
    "machine-ids": ({ entries }: Report) =>
        [...new Set(entries.flatMap(({ machineId }) => machineId ?? []))].sort().join("\n"),
} as const;

interface ReportOptions extends StateSource {
    readonly format: keyof typeof formats;
    readonly json?: boolean;
    readonly effect?: readonly string[];
    readonly outcome?: readonly string[];
    readonly output?: string;
    readonly verify?: boolean;
}

const effects = ["prevented", "ran", "unknown", "unproven"];
const outcomes = ["cancelled", "adopted", "expired", "tooLate", "unproven"];

/** `report`: shows the record of a stack, and verifies it. */
export const addReport: AddCommand = (program, { run }) => {
    const command = program
        .command("report")
        .summary("show the cancellations in a stack's state, and verify them")
        .description(
            "Shows for each cancellation in a stack's state who requested the action, its status before, what was " +
                "sent, when it was proven, how it ended and what happened on the machine. It reads the resources, because " +
                "the stack's outputs vanish when an update fails. Sends requests to Defender only with --verify.",
        );
    addStateSource(command)
        .addOption(new Option("--format <format>", "the format").choices(Object.keys(formats)).default("text"))
        .option("--json", "the same as --format json")
        .option("--effect <list>", `only these: ${effects.join(", ")}`, oneOf(effects))
        .option("--outcome <list>", `only these: ${outcomes.join(", ")}`, oneOf(outcomes))
        .option("--output <file>", "write the report to this file instead of to stdout")
        .option("--verify", "read each action again, and compare every stored value")
        .addHelpText("after", moreHelp)
        .action((options: ReportOptions) => run((frame) => report(options, frame)));
};

const moreHelp = `
The worklist for reversals: report --effect ran,unknown --format machine-ids. Exit code 2 when an action in it has no
machine, because the list is then not complete.

--verify prints one line for each value: match, mismatch, gone (Defender no longer has the action), or unverifiable (the
value is plausible, and no other place has it). Exit code 2 when anything is a mismatch or gone. docs/command-line.md
explains what can be verified.`;

function oneOf(values: readonly string[]) {
    return (text: string): string[] => {
        const given = text.split(",").map((value) => value.trim());
        if (given.some((value) => !values.includes(value))) {
            throw wrongValue(`some of ${values.join(", ")}, separated by commas`);
        }
        return given;
    };
}

async function report(options: ReportOptions, { host, printer }: Work): Promise<ExitCode> {
    const { effect, outcome, verify } = options;
    const format = options.json ? "json" : options.format;
    const resources = await readState(options, host);
    const all = entriesOfState(resources);
    const unfinished = unfinishedRuns(resources);
    const entries = all.filter(
        (entry) => (effect?.includes(entry.effect) ?? true) && (outcome?.includes(entry.outcome) ?? true),
    );
    const findings = verify ? await verifyState(all, openCliSession(host, printer)) : undefined;
    const text = formats[format]({
        generatedAtUtc: utc(host.clock.now()),
        packageVersion,
        entries,
        unfinished,
        findings,
    });
    if (options.output !== undefined) {
        write(resolve(host.cwd, options.output), options.output, text);
    } else if (text !== "") {
        printer.out(text);
    }
    printer.note([...unfinished, `${entries.length} of ${all.length} cancellations in the state`].join("\n"));
    const differs = findings !== undefined && logFindings(findings, format === "text", printer);
    const isWhole = format !== "machine-ids" || logWithoutMachine(entries, printer);
    return differs || !isWhole ? exitCodes.found : exitCodes.fine;
}

function write(path: string, shownPath: string, text: string): void {
    try {
        writeFileSync(path, `${text}\n`);
    } catch (error) {
        throw new CliError(`the report cannot be written to ${shownPath}: ${(error as NodeJS.ErrnoException).code}`);
    }
}

/** Logs the findings, and returns whether anything differs. Reports in other formats than text contain the findings. */
function logFindings(findings: readonly Finding[], isText: boolean, printer: Printer): boolean {
    const lines = findings.map(({ where, field, verdict, stored, found, why }) => {
        const values = [stored && `stored ${shorten(stored)}`, found && `found ${shorten(found)}`, why]
            .filter(Boolean)
            .join("; ");
        const line = `${verdict.padEnd(12)}  ${where}  ${field}${values ? `: ${values}` : ""}`;
        return { line, isBad: verdict === "mismatch" || verdict === "gone" };
    });
    if (isText) {
        for (const { line, isBad } of lines) {
            printer.out(line, isBad ? "red" : undefined);
        }
    } else {
        const bad = lines.flatMap(({ line, isBad }) => (isBad ? [line] : []));
        printer.note(bad.join("\n") || "no mismatch");
    }
    const count = (verdict: string) => findings.filter((one) => one.verdict === verdict).length;
    printer.note(
        `verified: ${count("match")} match, ${count("mismatch")} mismatch, ${count("gone")} gone, ` +
            `${count("unverifiable")} unverifiable`,
    );
    return count("mismatch") + count("gone") > 0;
}

function shorten(text: string): string {
    return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}

function logWithoutMachine(entries: readonly CancellationEntry[], printer: Printer): boolean {
    const without = entries.filter(({ machineId }) => machineId === undefined);
    for (const { machineActionId } of without) {
        printer.note(`machine action ${machineActionId} has no machine id, so the list does not contain it`);
    }
    return without.length === 0;
}
