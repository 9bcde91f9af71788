import { memoryCount } from "../../provider/guard/run-count.ts";
import { counted } from "../../provider/text/counted.ts";
import { openCliSession } from "../cli-session.ts";
import type { AddCommand, Work } from "../command-frame.ts";
import { CliError, type ExitCode, UsageError } from "../exit-codes.ts";
import { declarationFile } from "../given-declaration.ts";
import { addParagraphs } from "../help-text.ts";
import { parseDeclaredBy, parseReason, readApplyInputs } from "./apply-inputs.ts";
import { planApply } from "./apply-preflight.ts";
import { isApproved } from "./approval.ts";
import { checkEvidence } from "./open-record.ts";
import { allPlanLines, countPlan, planLines } from "./plan-lines.ts";
import { type ApplyOptions, sendRequests, thisCommand } from "./send-requests.ts";

/** `apply`: cancels without Pulumi, to break glass. */
export const addApply: AddCommand = (program, { run }) => {
    const command = program
        .command("apply")
        .summary("cancel the actions of a declaration file, without Pulumi (break glass)")
        .description(
            "Cancels the actions of a declaration file when the Git host or the pipeline is down, with the same checks, " +
                "guard, requests and proofs as `pulumi up`, but without Pulumi and without state. It first reads the " +
                "actions, shows the plan, and asks for confirmation. The next `pulumi up` of the same file finds the " +
                "actions cancelled and sends nothing. If it runs under the same identity, it recognises these " +
                "cancellations as its own by the tag in Defender.",
        )
        .argument("<file>", "a declaration file", declarationFile)
        .requiredOption(
            "--reason <text>",
            "the reason for applying by hand; a part of the comment in Defender",
            parseReason,
        )
        .requiredOption(
            "--as <project/stack/name>",
            "the set that declares this file in Pulumi; the comment ends with its tag",
            parseDeclaredBy,
        )
        .option("--yes", "do not ask")
        .option(
            "--evidence <file>",
            "write the evidence to this new file; default: one in the current folder, and stdout if it is no terminal",
        )
        .option("--json", "print the evidence on stdout instead of a summary")
        .option("--all", "show each action, not only groups of them")
        .action((file: string, options: ApplyOptions) => run((frame) => apply(file, options, frame)));
    addParagraphs(command, moreHelp);
};

const moreHelp = [
    "The evidence has the operator, the reason, the file, the outputs that the resource would have, and each request. " +
        "`report` and `audit --state` read it. Each request is in its file before it is sent, so a run that is cut off " +
        "leaves a record too. Exit code 1 when a cancellation failed; the evidence names it.",
    'Example:\n  defender-cancellation apply inc-4711.yaml --as incident/prod/inc-4711 --reason "Git is down"',
];

async function apply(file: string, options: ApplyOptions, frame: Work): Promise<ExitCode> {
    const { reason, as: declaredBy, yes } = options;
    const { host, printer } = frame;
    const declared = readApplyInputs(host.cwd, file, { reason, declaredBy });
    declared.warnings.forEach(printer.note);
    if (!yes && !host.stdin.isTTY) {
        throw new UsageError("there is no terminal to ask for confirmation: pass --yes");
    }
    checkEvidence(options.evidence, host);
    // The count is in memory, because the guard's count of a run must contain sent requests, not planned ones.
    const ahead = openCliSession(host, printer, { runCount: memoryCount(), goOn: thisCommand });
    const planned = await planApply(declared, ahead);
    const { unexpected } = countPlan(planned);
    const lines = options.all ? allPlanLines(planned, declared.digest) : planLines(planned, declared.digest);
    printer.note(lines);
    if (unexpected > 0) {
        const what = counted(unexpected, "action is", "actions are");
        throw new CliError(`${what} not as approved: nothing was sent. Correct the file`);
    }
    if (!yes && !(await isApproved(planned, declaredBy, host))) {
        throw new CliError("not confirmed: nothing was sent");
    }
    return sendRequests(file, declared, options, frame);
}
