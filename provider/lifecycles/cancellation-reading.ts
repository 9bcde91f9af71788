import type { CancelContext, CancellationResult } from "../cancel/cancel-context.ts";
import { isNotFound } from "../cancel/cancel-failures.ts";
import { DefenderError, errorLine } from "../model/errors.ts";
import {
    describeAction,
    isKnownStatus,
    type KnownAction,
    type MachineAction,
    reversalOf,
} from "../model/machine-action.ts";
import { type CancellationRecord, isOutstanding, isProven, toOutputs } from "../model/outputs.ts";
import type { RecordedReissues } from "../model/reissue.ts";
import type { DeclaredActions } from "../reissues/declared-actions.ts";
import { describeUnresolved, describeUnseen, unresolvedReissues } from "../reissues/detect.ts";
import { reissueOutputs } from "../reissues/recorded-reissues.ts";
import { pickInputs } from "../schema/cancellation-inputs.ts";
import { type DeclaredCancellation, declaredCancellation } from "../schema/declared-cancellation.ts";
import { desiredStatus, type Properties } from "../schema/input-rules.ts";
import { type StoredCancellation, storedCancellation } from "../schema/stored-cancellation.ts";
import type { Log } from "../text/print.ts";
import { driftLines, nextStepLine } from "./drift-lines.ts";
import { type ReadResult, StepFailure } from "./lifecycle.ts";
import { type ReadingKind, unlessOutage } from "./outage.ts";
import { isFirstProof, refreshCancellation } from "./refresh.ts";
import { describeRecord, isNotReadable } from "./unreadable.ts";
import { wireValue } from "./wire-value.ts";

/** A record to report on: its stored properties, including unknown ones, and their parsed form. */
export interface ReadRecord {
    readonly properties: Properties;
    /** The declared inputs among the properties. */
    readonly inputs: Properties;
    readonly stored: StoredCancellation;
    readonly declared: DeclaredCancellation;
}

/** The report of a reading. */
export interface ReadReport extends ReadResult {
    /** Set if the API no longer has the action: then the status among the properties is that of an earlier reading. */
    isForgotten?: true;
}

/** Reads one cancellation and reports it, as {@link reportReading} does. `given`: the stored outputs. */
export async function readCancellation(
    id: string,
    given: Properties,
    kind: ReadingKind,
    context: CancelContext,
    log: Log,
    siblings: DeclaredActions,
): Promise<ReadReport> {
    // If the last refresh could not read a watched action, it stored this fact in `desiredStatus`.
    const properties = isNotReadable(given.desiredStatus) ? { ...given, desiredStatus } : given;
    const inputs = { ...pickInputs(properties), machineActionId: id };
    context.ownNames.learnFrom(storedCancellation(properties).evidence);
    const known = { stored: storedCancellation(properties), declared: declaredCancellation(id, inputs) };
    const read = () => refreshCancellation(known, context, siblings);
    const { result, look } = await unlessOutage(id, kind, context, read);
    logStatus(result, log);
    // An import has no status yet, and no run of ours.
    const isOurs = known.stored.status !== undefined && !isOnlyWatched(properties);
    if (isOurs && isFirstProof(known.stored, result)) {
        logEffect(result, log);
    }
    // Logs that the re-issues are unknown, so that users do not assume that there are none. The failure of an action that
    // could not be read says enough.
    if (look.unseen !== undefined && (result.action || isNotFound(result.failure))) {
        log(describeUnseen(describeRecord(id, result.action ?? known.stored), look.unseen));
    }
    return reportReading({ ...known, properties, inputs }, result, look, log, siblings);
}

/** Logs a status that the API's documentation does not name. Such a status counts as not final. */
export function logStatus({ machineActionId, action }: CancellationResult, log: Log): void {
    const status = action?.status;
    if (status !== undefined && !isKnownStatus(status)) {
        log(`machine action ${machineActionId} has a status that is not known here, ${status}: it counts as not final`);
    }
}

/** A cancelled action may still have run. If so, logs its possible effect, and the action that would reverse it. */
export function logEffect({ action, record }: CancellationResult, log: Log): void {
    if (!action || record.effect === "prevented") {
        return;
    }
    const what = `machine action ${action.id} (${describeAction(action)}), ${record.outcome}`;
    const happened = record.effect === "ran" ? "it did run" : "it may have run, in part or whole";
    log(`${what}: ${happened}. If that is not wanted: ${reversalOf(action.type)}`);
}

/**
 * Turns a reading into the result of a refresh: confirmed, drift, or a thrown error. If the action was not read, the
 * error is a `DefenderError`. `recorded`: the known re-issues. `log` logs a line on the stack.
 */
export function reportReading(
    { properties, inputs, stored, declared }: ReadRecord,
    result: CancellationResult,
    recorded: RecordedReissues,
    log: Log,
    siblings: DeclaredActions,
): ReadReport {
    const { machineActionId: id, action, record, failure } = result;
    const known = reissueOutputs(recorded);
    const { reissues: _, reissueCounts: __, ...others } = properties;
    // At the first reading of a watched action nothing is stored yet, so the details come from the action itself.
    const wanted = desiredOr(reissueDrift({ ...stored, ...action }, recorded, declared, siblings));
    if (!action) {
        // The API no longer retains the action. The proof is still valid, so the record is kept.
        if (failure?.code === "ERR_DEFENDER_NOT_FOUND" && stored.confirmedAtUtc !== undefined) {
            log(`machine action ${id} is no longer known to the API: its record is kept as it is`);
            const shown = isProven(stored) ? wanted : properties.status;
            return { id, props: { ...properties }, inputs: { ...inputs, desiredStatus: shown }, isForgotten: true };
        }
        throw failure ?? new DefenderError("ERR_DEFENDER_RESPONSE", `machine action ${id} was not read`);
    }
    const isAsProven = isProven(stored) && stored.status === action.status;
    // Nothing relevant has changed, so the state stays the same, byte for byte.
    if (isAsProven && isSame(stored, recorded)) {
        return { id, props: { ...properties }, inputs: { ...inputs, desiredStatus: wanted } };
    }
    if (!failure) {
        const outputs = isAsProven ? others : toOutputs(action, record);
        return {
            id,
            props: { ...inputs, desiredStatus, ...outputs, ...known },
            inputs: { ...inputs, desiredStatus: wanted },
        };
    }
    if (failure.code === "ERR_DEFENDER_NOT_CONFIRMED" && isOutstanding(record)) {
        const kept = { ...others, ...toOutputs(action, record), ...known };
        const shown = { ...inputs, desiredStatus: action.status, __provider: properties.__provider };
        throw new StepFailure([errorLine(failure)], { id, properties: kept, inputs: shown });
    }
    if (failure.code === "ERR_DEFENDER_NOT_CONFIRMED" || failure.code === "ERR_DEFENDER_TOO_LATE") {
        return drifted(inputs, action, record, known);
    }
    throw failure;
}

/** The unresolved re-issues of the cancellation, in words. The engine shows these words as a change of an input. */
function reissueDrift(
    stored: KnownAction,
    recorded: RecordedReissues,
    declared: DeclaredCancellation,
    siblings: DeclaredActions,
): string | undefined {
    return describeUnresolved(unresolvedReissues(recorded, declared, siblings), stored, 1);
}

function desiredOr(drift: string | undefined): string {
    return drift ?? desiredStatus;
}

function isSame(stored: RecordedReissues, now: RecordedReissues): boolean {
    const textOf = ({ reissues, reissueCounts }: RecordedReissues) =>
        JSON.stringify(wireValue({ reissues: [...reissues], reissueCounts: { ...reissueCounts } }));
    return textOf(stored) === textOf(now);
}

/**
 * The result for an action that is not in the desired status. The action's status becomes an input, so that the engine
 * shows a change back to the desired status.
 */
function drifted(inputs: Properties, action: MachineAction, record: CancellationRecord, known: Properties): ReadResult {
    const { outcome: _, effect: __, adoptedFrom: ___, statusBeforeCancel, ...lasting } = record;
    // The status before the request is needed only while the request is under way. After that, it would mislead.
    const kept = isOutstanding(record) ? { ...lasting, statusBeforeCancel } : lasting;
    return {
        id: action.id,
        props: { ...inputs, desiredStatus, ...toOutputs(action, kept), ...known },
        inputs: { ...inputs, desiredStatus: action.status },
    };
}

/** Whether the resource comes from `MachineActionCancellation.get`. Only such a resource has an empty comment. */
export function isOnlyWatched({ comment }: Properties): boolean {
    return comment === "";
}

/**
 * What the reading found different, in lines; none if nothing is. For a resource that is only watched, each run logs
 * them, because the engine does not compare the inputs of a watched resource, and so shows no change.
 */
export function driftOf(
    id: string,
    before: Properties,
    { props, inputs, isForgotten }: Pick<ReadReport, "props" | "inputs" | "isForgotten">,
    siblings: DeclaredActions,
): string[] {
    const shown = inputs.desiredStatus;
    if (shown === desiredStatus) {
        return [];
    }
    const now = storedCancellation(props);
    const isNotFound = isForgotten && !isProven(now);
    if (isOnlyWatched(before)) {
        const what = `watched machine action ${id} (${describeAction(now)})`;
        if (isNotFound) {
            return [`${what}: not found`];
        }
        return [shown === props.status ? `${what} is ${shown}, not ${desiredStatus}` : `${what}: ${shown}`];
    }
    const declared = declaredCancellation(id, before);
    const issuedAgain = isProven(now) ? unresolvedReissues(now, declared, siblings) : undefined;
    const wasProven = storedCancellation(before).confirmedAtUtc !== undefined;
    const status = isNotFound ? undefined : now.status;
    const found = { machineActionId: id, action: now, status, wasProven, issuedAgain };
    return [...driftLines([found], false), nextStepLine];
}
