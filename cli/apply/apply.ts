import { userInfo } from "node:os";
import { memoryCount } from "../../provider/guard/run-count.ts";
import { StepFailure } from "../../provider/lifecycles/lifecycle.ts";
import { setId, setLifecycle } from "../../provider/lifecycles/set/set-lifecycle.ts";
import { wireValue } from "../../provider/lifecycles/wire-value.ts";
import { shortDigest } from "../../provider/model/declaration.ts";
import { errorLine } from "../../provider/model/errors.ts";
import { packageVersion } from "../../provider/model/package-version.ts";
import { machineActionCancellationSet } from "../../provider/model/provider-reference.ts";
import type { Properties } from "../../provider/schema/input-rules.ts";
import type { Session } from "../../provider/session/session.ts";
import { utc } from "../../provider/system/clock.ts";
import { cutOffSignal } from "../../provider/system/stop.ts";
import { type Log, printable } from "../../provider/text/print.ts";
import { openCliSession } from "../cli-session.ts";
import type { AddCommand, Work } from "../command-frame.ts";
import { CliError, type ExitCode, exitCodes, UsageError } from "../exit-codes.ts";
import type { CliHost } from "../host.ts";
import { jsonText } from "../safe-text.ts";
import { type HeaderLine, journalKind, journalVersion } from "../state/apply-lines.ts";
import { type ApplyInputs, parseDeclaredBy, readApplyInputs } from "./apply-inputs.ts";
import { planApply } from "./apply-preflight.ts";
import { isConfirmed } from "./ask.ts";
import { openRecord } from "./open-record.ts";

interface ApplyOptions {
    readonly reason: string;
    readonly as: string;
    readonly yes?: boolean;
    readonly evidence?: string;
    readonly json?: boolean;
}

/** What goes on with cancellations that a run of this command left open. */
const goOn = "`defender-cancellation apply`";

/** `apply`: cancels without Pulumi, to break glass. */
export const addApply: AddCommand = (program, { run }) => {
    program
        .command("apply")
        .summary("cancel the actions of a declaration file, without Pulumi (break glass)")
        .description(
            "Cancels the actions of a declaration file when the Git host or the pipeline is down, with the same checks, " +
                "guard, requests and proofs as `pulumi up`, but without Pulumi and without state. It first reads the " +
                "actions, shows the plan, and asks for confirmation. The next `pulumi up` of the same file finds the " +
                "actions cancelled and sends nothing. If it runs under the same identity, it recognises these " +
                "cancellations as its own by the tag in Defender.",
        )
        .argument("<file>", "a declaration file")
        .requiredOption("--reason <text>", "the reason for applying by hand; a part of the comment in Defender")
        .requiredOption(
            "--as <project/stack/name>",
            "the set that declares this file in Pulumi; the comment ends with its tag",
            parseDeclaredBy,
        )
        .option("--yes", "do not ask")
        .option(
            "--evidence <file>",
            "write the evidence to this new file; default: one in the current folder, and stdout",
        )
        .option("--json", "print the evidence on stdout instead of a summary")
        .addHelpText(
            "after",
            "\nThe evidence has the operator, the reason, the file, the outputs that the resource would have, and each request.\n" +
                "`report` and `audit --state` read it. Each request is in its file before it is sent, so a run that is cut off\n" +
                "leaves a record too. Exit code 1 when a cancellation failed; the evidence names it.",
        )
        .action((file: string, options: ApplyOptions) => run((frame) => apply(file, options, frame)));
};

async function apply(file: string, options: ApplyOptions, frame: Work): Promise<ExitCode> {
    const { reason, as: declaredBy, yes } = options;
    const { host, printer } = frame;
    const declared = readApplyInputs(host.cwd, file, { reason, declaredBy });
    declared.warnings.forEach(printer.note);
    if (!yes && !host.stdin.isTTY) {
        throw new UsageError("there is no terminal to ask for confirmation: pass --yes");
    }
    // The count is in memory, because the guard's count of a run must contain sent requests, not planned ones.
    const ahead = openCliSession(host, printer, { runCount: memoryCount(), goOn });
    const { lines, requests, unexpected, failing } = await planApply(declared, ahead);
    printer.note(lines.join("\n"));
    printer.note(
        `of ${declared.entries.size} cancellations: ${requests} would be requested, ${failing} would fail ` +
            `[digest ${shortDigest(declared.digest)}]`,
    );
    if (unexpected > 0) {
        throw new CliError(`${unexpected} of the actions are not as approved: nothing was sent. Correct the file`);
    }
    const question = `Type ${requests} to send ${requests} cancel requests as ${declaredBy}: `;
    if (!yes && !(await isConfirmed(question, String(requests), host))) {
        throw new CliError("not confirmed: nothing was sent");
    }
    return send(file, declared, options, frame);
}

/** Sends the requests, and leaves a record of them however the process ends. */
async function send(
    file: string,
    declared: ApplyInputs,
    { reason, as: declaredBy, evidence, json }: ApplyOptions,
    { host, printer }: Work,
): Promise<ExitCode> {
    host.outliveReader?.();
    const log = (line: string) => printer.note(line);
    const { type } = machineActionCancellationSet;
    const described = {
        reason,
        declaredBy,
        operator: operator(),
        file,
        fileSha256: declared.fileSha256,
        digest: declared.digest,
        startedAtUtc: utc(host.clock.now()),
    };
    const header: Omit<HeaderLine, "line"> = {
        kind: journalKind,
        version: journalVersion,
        packageVersion,
        ...described,
        resource: { type, id: setId([...declared.entries.keys()]), inputs: { ...declared.inputs } },
    };
    const record = openRecord(header, evidence, host, log);
    const stop = AbortSignal.any([host.stop, record.failed]);
    const session = openCliSession(host, printer, { stop, cutOff: cutOffSignal(stop), journal: record, goOn });
    const { id, outputs, reasons } = await carryOut(declared, session, log);
    const document = {
        kind: "defender-cancellation apply",
        version: 1,
        ...described,
        endedAtUtc: utc(host.clock.now()),
        reasons,
        // In the form of a resource in a stack export, so that `report` and `audit` read an apply and a stack in the
        // same way.
        resource: { type, id, inputs: declared.inputs, outputs },
        requests: record.requests(),
    };
    const isFinished = record.finish(document);
    const hasFile = record.shownPath !== undefined && !record.failed.aborted;
    const result = `${summary(outputs)}${hasFile ? `; evidence in ${record.shownPath}` : ""}`;
    const isJson = evidence === undefined || json === true;
    const isPrinted = await print(isJson ? jsonText(document, 4) : printable(result), host);
    for (const one of reasons) {
        printer.note(one);
    }
    if (isJson || !isPrinted) {
        printer.note(result);
    }
    // Without a file, the record is complete if stdout got the document.
    const isStored = record.shownPath === undefined ? isPrinted : isFinished;
    return reasons.length === 0 && isStored && !record.failed.aborted ? exitCodes.fine : exitCodes.failed;
}

/** Prints to stdout, and returns whether the text could be written. */
function print(text: string, { stdout }: CliHost): Promise<boolean> {
    return new Promise((done) => stdout.write(`${text}\n`, (error) => done(!error)));
}

/** Runs the resource's own `create`. If `create` fails, returns the record that its error carries. */
async function carryOut({ inputs }: ApplyInputs, session: Session, log: Log) {
    try {
        const { id, outs } = await setLifecycle(() => session, log).create(inputs);
        return { id, outputs: wireValue(outs), reasons: [] };
    } catch (error) {
        const { reasons, kept } = error instanceof StepFailure ? error : new StepFailure([errorLine(error)]);
        return { id: kept?.id, outputs: wireValue(kept?.properties ?? {}), reasons };
    }
}

function summary({ counts }: Properties): string {
    const { total = 0, ...shown } = (counts ?? {}) as Record<string, number>;
    const parts = Object.entries(shown).filter(([, count]) => count > 0);
    return `of ${total} cancellations: ${parts.map(([name, count]) => `${count} ${name}`).join(", ") || "none"}`;
}

function operator(): string | undefined {
    try {
        return userInfo().username;
    } catch {
        return undefined;
    }
}
