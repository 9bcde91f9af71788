import { userInfo } from "node:os";
import { StepFailure } from "../../provider/lifecycles/lifecycle.ts";
import { setId, setLifecycle } from "../../provider/lifecycles/set/set-lifecycle.ts";
import type { FollowProgress } from "../../provider/lifecycles/set/set-progress.ts";
import { wireValue } from "../../provider/lifecycles/wire-value.ts";
import { errorLine } from "../../provider/model/errors.ts";
import { packageVersion } from "../../provider/model/package-version.ts";
import { machineActionCancellationSet } from "../../provider/model/provider-reference.ts";
import type { Session } from "../../provider/session/session.ts";
import { utc } from "../../provider/system/clock.ts";
import { cutOffSignal } from "../../provider/system/stop.ts";
import type { Log } from "../../provider/text/print.ts";
import { openCliSession } from "../cli-session.ts";
import type { Work } from "../command-frame.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { jsonText } from "../safe-text.ts";
import { type HeaderLine, journalKind, journalVersion } from "../state/apply-lines.ts";
import type { ApplyInputs } from "./apply-inputs.ts";
import { openRecord } from "./open-record.ts";
import { printResult, write } from "./print-result.ts";
import { openRunView } from "./run-view.ts";

/** What goes on with cancellations that a run of this command left open. */
export const thisCommand = "`defender-cancellation apply`";

/** The options of the command. */
export interface ApplyOptions {
    readonly reason: string;
    /** "project/stack/name". */
    readonly as: string;
    readonly yes?: boolean;
    readonly evidence?: string;
    readonly json?: boolean;
    readonly all?: boolean;
}

/** Sends the requests, and leaves a record of them however the process ends. */
export async function sendRequests(
    file: string,
    declared: ApplyInputs,
    { reason, as: declaredBy, evidence, json, all = false }: ApplyOptions,
    work: Work,
): Promise<ExitCode> {
    const { host, printer } = work;
    host.outliveReader?.();
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
    let log: Log = (line) => printer.note(line);
    const record = openRecord(header, evidence, host, (line) => log(line));
    const stop = AbortSignal.any([host.stop, record.failed]);
    const view = await openRunView([...declared.entries.keys()], record, stop, work);
    log = view.log;
    // The remarks about the effects follow the verdict.
    const remarks: string[] = [];
    const run = async () => {
        const session = openCliSession(host, printer, {
            stop,
            cutOff: cutOffSignal(stop),
            journal: record,
            goOn: thisCommand,
            log,
            ...(view.logPace ? { logPace: view.logPace } : {}),
        });
        return carryOut(declared, session, (line) => remarks.push(line), view.follow);
    };
    // The view ends too if no session can be opened.
    const { id, outputs, reasons } = await run().finally(view.end);
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
    const shownPath = record.failed.aborted ? undefined : record.shownPath;
    const isOnTerminal = printer.width !== undefined && shownPath !== undefined;
    const isJson = json === true || (evidence === undefined && !isOnTerminal);
    const result = { entries: declared.entries, outputs, reasons, remarks, isStopped: stop.aborted, shownPath };
    const isPrinted = isJson && (await write(jsonText(document, 4), host));
    await printResult(result, { isJson, isWhole: all }, work);
    // Without a file, the record is complete if stdout got the document.
    const isStored = record.shownPath === undefined ? isPrinted : isFinished;
    return reasons.length === 0 && isStored && !record.failed.aborted ? exitCodes.fine : exitCodes.failed;
}

/** Runs the resource's own `create`. If `create` fails, returns the record that its error carries. */
async function carryOut({ inputs }: ApplyInputs, session: Session, log: Log, follow: FollowProgress) {
    try {
        const { id, outs } = await setLifecycle(() => session, { log, follow }).create(inputs);
        return { id, outputs: wireValue(outs), reasons: [] };
    } catch (error) {
        const { reasons, kept } = error instanceof StepFailure ? error : new StepFailure([errorLine(error)]);
        return { id: kept?.id, outputs: wireValue(kept?.properties ?? {}), reasons };
    }
}

function operator(): string | undefined {
    try {
        return userInfo().username;
    } catch {
        return undefined;
    }
}
