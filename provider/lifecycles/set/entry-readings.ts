import type { CancelContext, CancellationResult } from "../../cancel/cancel-context.ts";
import type { DefenderError } from "../../model/errors.ts";
import { isOutstanding, isProven } from "../../model/outputs.ts";
import type { DeclaredActions } from "../../reissues/declared-actions.ts";
import { type ReissueDetection, unresolvedReissues } from "../../reissues/detect.ts";
import { reissueOutputs } from "../../reissues/recorded-reissues.ts";
import type { Properties } from "../../schema/input-rules.ts";
import { entryOf, pickSetInputs, type SetEntry } from "../../schema/set-inputs.ts";
import { type StoredResult, storedResult, storedResults } from "../../schema/stored-set.ts";
import type { Log } from "../../text/print.ts";
import type { ReadingKind } from "../outage.ts";
import { refreshCancellation } from "../refresh.ts";
import { couldNotRead, describeRecord, isInterrupted, type ShownCauses } from "../unreadable.ts";
import { runsOf } from "./run-evidence.ts";
import type { FailedResult } from "./set-failures.ts";
import { logUnseen } from "./set-lines.ts";
import { storeResult } from "./set-results.ts";

/** The dependencies of a reading. */
export interface SetReader {
    readonly context: CancelContext;
    /** The actions that the stack declares. */
    readonly siblings: DeclaredActions;
    readonly shownCauses: ShownCauses;
    readonly log: Log;
}

/** The reading of one entry in a refresh. */
export interface EntryReading {
    readonly id: string;
    readonly entry: SetEntry;
    readonly stored: StoredResult;
    readonly look: ReissueDetection;
    readonly result: CancellationResult;
    /** Why the entry could not be read; undefined if it was read. */
    readonly unreadable: DefenderError | undefined;
}

/** For an update, reads some entries of a set again, as a refresh does. Returns their new results, and the failures. */
export async function readAgain(
    properties: Properties,
    ids: ReadonlySet<string>,
    reader: SetReader,
): Promise<{ readonly results: Map<string, StoredResult>; readonly failed: readonly FailedResult[] }> {
    const readings = await readEntries(properties, "update", reader, ids);
    return {
        results: new Map(readings.map((reading) => [reading.id, nextResult(reading, reader.siblings)])),
        failed: unreadableAmong(readings),
    };
}

export async function readEntries(
    properties: Properties,
    kind: ReadingKind,
    { context, siblings, shownCauses, log }: SetReader,
    ids?: ReadonlySet<string>,
): Promise<EntryReading[]> {
    siblings.add(properties.declaredBy, storedResults(properties).keys());
    const common = pickSetInputs(properties);
    const runs = runsOf(properties);
    for (const run of runs) {
        context.ownNames.learnFrom(run);
    }
    const readings = await Promise.all(
        [...storedResults(properties)]
            .filter(([key]) => ids?.has(key) ?? true)
            .map(async ([key, stored]): Promise<EntryReading> => {
                const entry = entryOf(key, stored.entry, common);
                const tenantId = runs[stored.run ?? -1]?.tenantId;
                const record = { stored, declared: entry.declared, tenantId };
                const { result, look } = await refreshCancellation(record, context, siblings);
                const unreadable = whyUnreadable(result);
                return {
                    ...{ id: key, entry, stored, look, result },
                    unreadable:
                        unreadable && couldNotRead(unreadable, describeRecord(key, stored), { kind, shownCauses }),
                };
            }),
    );
    logUnseen(
        // The failure of an action that could not be read says enough.
        readings.flatMap(({ id, stored, result: { action = stored }, look: { unseen }, unreadable }) =>
            unseen === undefined || unreadable ? [] : [{ id, action, unseen }],
        ),
        log,
    );
    return readings;
}

/** A failure after which the action's status is unknown. Throws if the run was interrupted. */
function whyUnreadable(result: CancellationResult): DefenderError | undefined {
    const { action, failure } = result;
    if (isInterrupted(failure)) {
        throw failure;
    }
    const telling = action ? ["ERR_DEFENDER_NOT_CONFIRMED", "ERR_DEFENDER_TOO_LATE"] : ["ERR_DEFENDER_NOT_FOUND"];
    return failure && !telling.includes(failure.code) ? failure : undefined;
}

export function unreadableAmong(readings: readonly EntryReading[]): FailedResult[] {
    return readings.flatMap(({ result, unreadable }) => (unreadable ? [{ ...result, failure: unreadable }] : []));
}

/** Whether the API no longer retains the action of a proven entry. */
export function isForgotten({ stored, result }: EntryReading): boolean {
    return result.failure?.code === "ERR_DEFENDER_NOT_FOUND" && isProven(stored);
}

export function isUnconfirmed(result: CancellationResult): result is FailedResult {
    return result.failure?.code === "ERR_DEFENDER_NOT_CONFIRMED" && isOutstanding(result.record);
}

/** The new result of an entry. */
export function nextResult(reading: EntryReading, siblings: DeclaredActions): StoredResult {
    const properties = nextProperties(reading, siblings);
    return properties === reading.stored.properties ? reading.stored : storedResult(reading.id, properties);
}

/** The new result of an entry in its stored form. */
function nextProperties(
    { entry, stored, look, result, unreadable }: EntryReading,
    siblings: DeclaredActions,
): Properties {
    const { action, record, failure } = result;
    const { at, run, properties } = stored;
    const context = { entry, at, run, known: look };
    if (unreadable) {
        return properties;
    }
    if (!action) {
        // Either the API no longer retains the action, or it never had it. The stored proof shows which.
        return { ...properties, ...(isProven(stored) ? {} : { failure: failure?.code }) };
    }
    const isSameStatus = isProven(stored) && stored.status === action.status;
    if (isSameStatus) {
        const { reissues: _, reissueCounts: __, failure: code, ...kept } = properties;
        const unresolved = unresolvedReissues(look, entry.declared, siblings);
        const next = { ...kept, ...reissueOutputs(look) };
        const isOver = code === "ERR_DEFENDER_REISSUED" && unresolved.count === 0;
        return code === undefined || isOver ? next : { ...next, failure: code };
    }
    if (!failure || isUnconfirmed(result)) {
        return storeResult(result, context);
    }
    const { outcome: _, effect: __, adoptedFrom: ___, statusBeforeCancel: ____, ...lasting } = record;
    return storeResult({ action, record: lasting, failure }, context);
}
