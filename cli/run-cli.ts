import { Command, CommanderError } from "commander";
import { DefenderError, errorLine } from "../provider/model/errors.ts";
import { packageVersion } from "../provider/model/package-version.ts";
import { addActions } from "./actions.ts";
import { addApply } from "./apply/apply.ts";
import { addAudit } from "./audit/audit.ts";
import { addDeclare } from "./declare/declare.ts";
import { addDoctor } from "./doctor/doctor.ts";
import { CliError, type ExitCode, exitCodes, UsageError } from "./exit-codes.ts";
import { addParagraphs, helpSettings } from "./help-text.ts";
import type { CliHost } from "./host.ts";
import { explainInvalid } from "./invalid-command-line.ts";
import { requireNode } from "./node-version.ts";
import { createPrinter, type Printer } from "./printer.ts";
import { addReport } from "./report/report.ts";
import { addSimulator } from "./simulator.ts";
import { commandName, typedCommand } from "./typed-command.ts";

const description =
    "Finds, declares, applies, reports and audits cancellations of Microsoft Defender for Endpoint machine actions, " +
    "in addition to the Pulumi resources of pulumi-defender-cancellation. It signs in as they do, with the DEFENDER_*, " +
    "AZURE_* and ARM_* variables (docs/configuration.md).";

const moreHelp = [
    "Exit codes: 0 fine; 1 failed, in whole or part; 2 done, and something was found or differs; 64 invalid command " +
        "line. Results go to stdout, progress and remarks to stderr. Output is coloured only on a terminal, and not " +
        "with NO_COLOR.",
    "The help of a command has its options and an example:\n  defender-cancellation report --help",
];

/** Runs one command line; returns its exit code. Never rejects. */
export async function runCli(args: readonly string[], host: CliHost): Promise<ExitCode> {
    const printer = createPrinter(host);
    let code: ExitCode = exitCodes.fine;
    const program = new Command(typedCommand(host.env))
        .description(description)
        .version(packageVersion)
        .exitOverride()
        .configureHelp(helpSettings(printer.width))
        .configureOutput({
            writeOut: (text) => printer.out(text.trimEnd()),
            writeErr: (text) => printer.note(text.trimEnd().split("\n")),
            // The error that is thrown is explained below.
            outputError: () => {},
        })
        .hook("preAction", (_, command) => {
            // The doctor checks the version itself.
            if (command.name() !== "doctor") {
                requireNode(process.version);
            }
        });
    addParagraphs(program, moreHelp);
    const frame = {
        host,
        async run(work: (frame: { host: CliHost; printer: Printer }) => Promise<ExitCode>) {
            code = await work({ host, printer });
        },
    };
    const commands = [addActions, addDeclare, addApply, addReport, addAudit, addDoctor, addSimulator];
    for (const add of commands) {
        add(program, frame);
    }
    try {
        await program.parseAsync([...args], { from: "user" });
        return code;
    } catch (error) {
        if (error instanceof CommanderError) {
            // A help has been printed, as requested or in place of a command.
            if (!error.code.startsWith("commander.help") && error.code !== "commander.version") {
                const [what, ...next] = explainInvalid(error, program, args, host.cwd);
                printer.note([`${commandName}: ${what}`, ...next]);
            }
            return error.exitCode === 0 ? exitCodes.fine : exitCodes.usage;
        }
        return explain(error, printer);
    }
}

function explain(error: unknown, printer: Printer): ExitCode {
    const isExpected = error instanceof DefenderError || error instanceof CliError;
    printer.note(`${commandName}: ${isExpected ? "" : "unexpected: "}${errorLine(error)}`);
    return error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
}
