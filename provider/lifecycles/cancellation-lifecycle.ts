import { isDeepStrictEqual } from "node:util";
import { cancelMachineActions, onlyResult } from "../cancel/cancel.ts";
import type { CancelContext, CancellationResult } from "../cancel/cancel-context.ts";
import { declaredTarget } from "../cancel/cancellation-target.ts";
import { refuseUnexpected } from "../cancel/expectations.ts";
import { type DefenderError, errorLine } from "../model/errors.ts";
import { isGuid } from "../model/machine-action.ts";
import { isOutstanding, isProven, isProvenAsAccepted, pickOutputs, toOutputs } from "../model/outputs.ts";
import type { RecordedReissues } from "../model/reissue.ts";
import { createDeclaredActions, type DeclaredActions } from "../reissues/declared-actions.ts";
import { unresolvedReissues } from "../reissues/detect.ts";
import { reissueOutputs } from "../reissues/recorded-reissues.ts";
import { repairReissues } from "../reissues/repair.ts";
import { checkInputs, echoedInputs, isEdited, pickInputs } from "../schema/cancellation-inputs.ts";
import { declaredCancellation } from "../schema/declared-cancellation.ts";
import { type Properties, unknownValue } from "../schema/input-rules.ts";
import { type StoredCancellation, storedCancellation } from "../schema/stored-cancellation.ts";
import { faultOfCancellation, refuseFault } from "../schema/stored-state.ts";
import { type Log, printWarning } from "../text/print.ts";
import { describeValue, shortText } from "../text/sanitize.ts";
import { driftOf, isOnlyWatched, logEffect, logStatus, readCancellation } from "./cancellation-reading.ts";
import type { LogOnResource } from "./drift-lines.ts";
import { type Lifecycle, type ReadResult, StepFailure } from "./lifecycle.ts";
import {
    answerUnreadable,
    couldNotRead,
    createUnreadRecords,
    describeRecord,
    isInterrupted,
    isKnownRecord,
    noteUnread,
    notReadable,
    type ShownCauses,
} from "./unreadable.ts";
import { wireValue } from "./wire-value.ts";

/**
 * The lifecycle of one MachineActionCancellation. It passes a single target to the core in `cancel/`.
 *
 * `open` opens the context of the core, and is called only when the first request is due. `log` prints warnings.
 * `siblings`: the actions that the other resources of this process declare. `logOnResource` names what a refresh found
 * different; by default as a warning. `shownCauses`: the causes for which refreshes could not read records.
 */
export function cancellationLifecycle(
    open: () => CancelContext | Promise<CancelContext>,
    log: Log = printWarning,
    siblings: DeclaredActions = createDeclaredActions(),
    logOnResource: LogOnResource = (_, lines) => lines.forEach(log),
    shownCauses: ShownCauses = new Set(),
): Lifecycle {
    const unread = createUnreadRecords();

    /** A resource that is only watched does not count as declaring its action, because its drift fails no update. */
    function noteDeclared(id: unknown, properties: Properties): void {
        if (!isOnlyWatched(properties)) {
            siblings.add(properties.declaredBy, [id]);
        }
    }

    /** Reads a proven cancellation again, and returns its outputs. */
    async function readAgain(id: string, stored: Properties): Promise<Properties> {
        try {
            return (await readCancellation(id, stored, "update", await open(), log, siblings)).props;
        } catch (error) {
            if (error instanceof StepFailure) {
                // This failure contains the state that a refresh would keep, so an update must not keep that state.
                throw new StepFailure(error.reasons);
            }
            throw isInterrupted(error)
                ? error
                : couldNotRead(error, describeRecord(id, storedCancellation(stored)), { kind: "update", shownCauses });
        }
    }

    return {
        async check(olds, news) {
            noteUnread(unread, olds);
            noteDeclared(news.machineActionId, news);
            return checkInputs(news);
        },

        async diff(id, olds, news) {
            const isUnknown = news.machineActionId === unknownValue;
            const isOther = !isUnknown && news.machineActionId !== id;
            return {
                changes:
                    isUnknown || isOther || unread.has(olds.declaredBy, id) || !isUnchanged(id, olds, news, siblings),
                replaces: isOther ? ["machineActionId"] : [],
            };
        },

        async create(news) {
            const inputs = echoedInputs(news);
            const id = knownId(inputs.machineActionId);
            noteDeclared(id, inputs);
            const result = onlyResult(
                await cancelMachineActions([declaredTarget(declaredCancellation(id, inputs))], await open()),
            );
            return { id, outs: concludeOrThrow(inputs, result, log) };
        },

        async read(givenId, properties) {
            try {
                const id = storedId(givenId, properties);
                noteDeclared(id, properties);
                const reading = await readCancellation(id, properties, "refresh", await open(), log, siblings);
                unread.remove(properties.declaredBy, givenId);
                const lines = driftOf(id, properties, reading, siblings);
                if (lines.length > 0) {
                    await logOnResource(properties.declaredBy, lines);
                }
                const { isForgotten: _, ...report } = reading;
                return report;
            } catch (error) {
                if (error instanceof StepFailure || !isKnownRecord(properties) || isInterrupted(error)) {
                    throw error;
                }
                unread.add(properties.declaredBy, givenId);
                const what = describeRecord(shortText(givenId, 60), storedCancellation(properties));
                const failure = couldNotRead(error, what, { kind: "refresh", shownCauses });
                return await keepUnread(givenId, properties, failure, logOnResource);
            }
        },

        async update(givenId, given, echoed) {
            const news = echoedInputs(echoed);
            const id = knownId(givenId);
            refuseFault(faultOfCancellation(given), `machine action ${id}`);
            noteDeclared(id, news);
            const declared = declaredCancellation(id, news);
            const isInDoubt = unread.has(given.declaredBy, id) || isUnchanged(id, given, news, siblings);
            // Only a proven record is read again here. A record that is not proven is read by `cancelMachineActions`.
            const isReadAgain = isInDoubt && isProvenAsAccepted(storedCancellation(given), declared);
            const olds = isReadAgain ? await readAgain(id, given) : given;
            let stored = storedCancellation(olds);
            let outputs: Record<string, unknown> = { ...pickOutputs(olds), ...reissueOutputs(stored) };
            // The findings of this reading are stored even if the update fails.
            let hasNews = isReadAgain && !isDeepStrictEqual(wireValue(olds), wireValue(given));
            if (isProvenAsAccepted(stored, declared)) {
                refuseUnexpected({ ...stored, id }, declared.expect);
            } else {
                const context = await open();
                context.ownNames.learnFrom(stored.evidence);
                const result = onlyResult(await cancelMachineActions([declaredTarget(declared, stored)], context));
                outputs = concludeOrThrow({ ...news, ...reissueOutputs(stored) }, result, log);
                stored = asStored(result, stored);
                hasNews = true;
            }
            unread.remove(given.declaredBy, id);
            if (unresolvedReissues(stored, declared, siblings).count > 0) {
                const { hasSent, failure, ...recorded } = await repairReissues(
                    stored,
                    declared,
                    await open(),
                    siblings,
                );
                const { reissues: _, reissueCounts: __, ...others } = outputs;
                outputs = { ...others, ...reissueOutputs(recorded) };
                const properties = { ...news, ...outputs };
                throwIfFailed(failure, hasNews || hasSent ? { id, properties } : undefined);
            }
            return { outs: { ...news, ...outputs } };
        },

        // A cancellation cannot be taken back, and dropping its record must not start the action again.
        async delete() {},
    };
}

/** The id of an action. If it is not a GUID, throws before anything is sent, because the id becomes part of a path. */
function knownId(id: unknown): string {
    if (typeof id !== "string" || id === unknownValue || !isGuid(id)) {
        throw new StepFailure([
            `the id ${describeValue(id)} is not that of a machine action: expected a GUID. Nothing was sent`,
        ]);
    }
    return id.toLowerCase();
}

/** The id of a stored record. Throws if the record is unusable. */
function storedId(id: string, properties: Properties): string {
    const isIdWrong = isKnownRecord(properties) && !isGuid(id);
    const fault = isIdWrong ? `its id is ${describeValue(id)}: expected a GUID` : faultOfCancellation(properties);
    refuseFault(fault, `machine action ${shortText(id, 60)}`);
    return knownId(id);
}

/**
 * Whether the outputs prove the declared cancellation, and the declaration is unchanged. If so, the engine shows no
 * diff.
 */
function isUnchanged(id: string, olds: Properties, news: Properties, siblings: DeclaredActions): boolean {
    if (faultOfCancellation(olds) !== undefined) {
        return false;
    }
    const stored = storedCancellation(olds);
    const unresolved = unresolvedReissues(stored, declaredCancellation(id, news), siblings);
    return isProven(stored) && unresolved.count === 0 && !isEdited(olds, news);
}

/** The answer of a refresh for a record that it could not read. */
function keepUnread(
    id: string,
    properties: Properties,
    failure: DefenderError,
    logOnResource: LogOnResource,
): Promise<ReadResult> {
    const shown = notReadable(failure.code);
    // For a resource that is only watched, the engine compares only the outputs.
    const outputs = isOnlyWatched(properties) ? { ...properties, desiredStatus: shown } : properties;
    const inputs = { ...pickInputs(properties), desiredStatus: shown };
    return answerUnreadable({ id, properties: outputs, inputs }, [errorLine(failure)], logOnResource);
}

/** A result in the form that the next step reads from state. */
function asStored({ action, record }: CancellationResult, stored: RecordedReissues): StoredCancellation {
    const { reissues, reissueCounts } = stored;
    return { ...action, ...record, reissues, reissueCounts };
}

/**
 * The outputs of a proven cancellation. Throws if the cancellation is not proven. If a cancel request may still be in
 * effect, the error contains the state to store. If nothing was read, nothing was sent, so the engine keeps its own
 * state.
 */
function concludeOrThrow(inputs: Properties, result: CancellationResult, log: Log): Record<string, unknown> {
    const { machineActionId: id, action, record, failure } = result;
    logStatus(result, log);
    const properties = { ...inputs, ...toOutputs(action, record) };
    throwIfFailed(failure, action && isOutstanding(record) ? { id, properties } : undefined);
    logEffect(result, log);
    return properties;
}

function throwIfFailed(
    failure: DefenderError | undefined,
    kept: { readonly id: string; readonly properties: Record<string, unknown> } | undefined,
): void {
    if (failure) {
        throw kept ? new StepFailure([errorLine(failure)], kept) : failure;
    }
}
