import { Option } from "commander";
import { packageVersion } from "../../provider/model/package-version.ts";
import { utc } from "../../provider/system/clock.ts";
import { counted } from "../../provider/text/counted.ts";
import { openCliSession } from "../cli-session.ts";
import type { AddCommand, Work } from "../command-frame.ts";
import { type ExitCode, exitCodes, wrongValue } from "../exit-codes.ts";
import { addParagraphs } from "../help-text.ts";
import { chooseEntries, severalRecordsLines } from "../state/better-record.ts";
import { gapsIn } from "../state/gaps.ts";
import { declaredBy, effectOnMachine, entriesOfState, isOurs } from "../state/records.ts";
import { addStateSources, readRecords, type StateSources, secretLines } from "../state/state-sources.ts";
import { fileAtHand, refuseRecord, writeReport } from "./report-files.ts";
import { type ReportFormat, reportFormats } from "./report-formats.ts";
import { printOnTerminal } from "./terminal-report.ts";
import { logFindings, printVerification } from "./verify/print-verification.ts";
import { verifyRecords } from "./verify/verify-state.ts";
import { isCompleteList } from "./worklist.ts";

interface ReportOptions extends StateSources {
    readonly format: ReportFormat;
    readonly json?: boolean;
    readonly effect?: readonly string[];
    readonly outcome?: readonly string[];
    readonly output?: string;
    readonly verify?: boolean;
    readonly all?: boolean;
}

const effects = ["prevented", "ran", "unknown", "unproven", "secret"];
const outcomes = ["cancelled", "adopted", "expired", "tooLate", "unproven", "secret"];

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
    addParagraphs(addStateSources(command), moreHelp)
        .addOption(new Option("--format <format>", "the format").choices(Object.keys(reportFormats)).default("text"))
        .option("--json", "the same as --format json")
        .option("--effect <list>", `only these: ${effects.join(", ")}`, oneOf(effects))
        .option("--outcome <list>", `only these: ${outcomes.join(", ")}`, oneOf(outcomes))
        .option("--output <file>", "write the report to this file instead of to stdout")
        .option("--verify", "read each action again, and compare every stored value")
        .option("--all", "on a terminal, list every cancellation, and with --verify every value, as in a pipe")
        .action((options: ReportOptions) => run((frame) => report(options, frame)));
};

const moreHelp = [
    "Several records, such as the state of the pipeline and the evidence of an apply, make one report. For an action " +
        "that several have, the better record counts: the one that saw the action before its cancellation. An " +
        "apply that was interrupted and the run that continued it count together.",
    "--verify gives each value a verdict: match, mismatch, missing (Defender or the record itself shows more than the " +
        "record has), secret (the state has only ciphertext), gone (Defender no longer has the action), or " +
        "unverifiable (the value is plausible, and no other place has it). Exit code 2 when anything is neither a " +
        "match nor unverifiable.",
    "A terminal shows the result, and up to 20 cancellations, the worst first, or what differs. --all shows all of " +
        "them, and every value. A pipe or a file gets a line for each.",
    "The worklist for reversals. Exit code 2 when the list is not complete: an action in it has no machine, a run " +
        "did not end, or an effect is secret or not proven yet:\n  defender-cancellation report --stack prod --effect ran,unknown --format machine-ids",
];

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
    refuseRecord(host.cwd, options);
    const records = await readRecords(options, host);
    const isOne = records.length === 1;
    const found = records.flatMap(({ name, resources }) =>
        entriesOfState(resources).map((entry) => (isOne ? entry : { ...entry, source: name })),
    );
    const choice = chooseEntries(found);
    const { entries: all, superseded } = choice;
    const unfinished = gapsIn(records);
    const entries = all.filter(
        (entry) =>
            [entry.effect, effectOnMachine(entry)].some((one) => effect?.includes(one) ?? true) &&
            (outcome?.includes(entry.outcome) ?? true),
    );
    const readFile = (path: string) => fileAtHand(host.cwd, path);
    const logReading = host.stderr.isTTY ? printer.note : undefined;
    const findings = verify
        ? await verifyRecords(records, {
              session: openCliSession(host, printer),
              readFile,
              log: printer.note,
              logReading,
          })
        : undefined;
    const isSelected = effect !== undefined || outcome !== undefined;
    const chosen = new Set(entries.map(({ resource }) => resource));
    const isOnTerminal = format === "text" && options.output === undefined && printer.width !== undefined;
    const view = { isText: format === "text", isOnTerminal, isAll: options.all === true };
    const data = {
        generatedAtUtc: utc(host.clock.now()),
        packageVersion,
        records: records.map(({ name }) => ({
            name,
            entries: found.filter(({ source }) => isOne || source === name).length,
            superseded: superseded.filter(({ entry }) => isOne || entry.source === name).length,
        })),
        entries,
        all,
        resources: records
            .flatMap(({ resources }) => resources)
            .filter((resource) => isOurs(resource) && (!isSelected || chosen.has(resource))),
        unfinished,
        findings,
    };
    if (isOnTerminal) {
        if (findings !== undefined) {
            printVerification(findings, { found, chosen: all }, view, printer);
        }
        printOnTerminal(data, view.isAll, printer);
    } else {
        printWhole(reportFormats[format](data), options.output, { host, printer });
    }
    printer.note([
        `${entries.length} of ${counted(all.length, "cancellation")} in ${isOne ? "the state" : `${records.length} records`}`,
        ...unfinished,
    ]);
    for (const line of severalRecordsLines(choice)) {
        printer.note(line);
    }
    for (const line of records.flatMap(({ resources }) => secretLines(resources, declaredBy))) {
        printer.note(line);
    }
    const differs = findings !== undefined && logFindings(findings, view, printer);
    const isWhole = format !== "machine-ids" || isCompleteList(data, printer);
    return differs || !isWhole ? exitCodes.found : exitCodes.fine;
}

function printWhole(text: string, output: string | undefined, { host, printer }: Work): void {
    if (output !== undefined) {
        writeReport(host.cwd, output, text);
    } else if (text !== "") {
        printer.out(text);
    }
}
