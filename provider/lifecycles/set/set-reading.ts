import type { CancelContext, CancellationResult } from "../../cancel/cancel-context.ts";
import { type DefenderError, errorLine } from "../../model/errors.ts";
import { namesBy } from "../../model/machine-names.ts";
import { isOutstanding, isProven } from "../../model/outputs.ts";
import type { DeclaredActions } from "../../reissues/declared-actions.ts";
import { describeUnresolved, type ReissueDetection, unresolvedReissues } from "../../reissues/detect.ts";
import { reissueOutputs } from "../../reissues/recorded-reissues.ts";
import { desiredStatus, type Properties } from "../../schema/input-rules.ts";
import { entryOf, pickSetInputs, type SetEntry } from "../../schema/set-inputs.ts";
import { type StoredResult, storedResult, storedResults } from "../../schema/stored-set.ts";
import type { Log } from "../../text/print.ts";
import { shortText } from "../../text/sanitize.ts";
import { type Deviation, driftLines, type LogOnResource } from "../drift-lines.ts";
import { type ReadResult, StepFailure } from "../lifecycle.ts";
import { refreshCancellation } from "../refresh.ts";
import {
    answerUnreadable,
    couldNotRead,
    describeRecord,
    isInterrupted,
    notReadable,
    type UnreadRecords,
} from "../unreadable.ts";
import { runsOf, updateRuns } from "./run-evidence.ts";
import { type FailedResult, listingOf, reasonsOf, trimToMessageLimit } from "./set-failures.ts";
import { logForgotten, logUnseen } from "./set-lines.ts";
import { countResults, storeResult } from "./set-results.ts";

/** The dependencies of a reading. */
export interface SetReader {
    readonly context: CancelContext;
    /** The actions that the stack declares. */
    readonly siblings: DeclaredActions;
    readonly log: Log;
}

/** What only a refresh needs: the notes of the entries that it could not read, and where it names what has drifted. */
export interface SetWatch {
    readonly unread: UnreadRecords;
    readonly logOnResource: LogOnResource;
}

/** The reading of one entry in a refresh. */
interface EntryReading {
    readonly id: string;
    readonly entry: SetEntry;
    readonly stored: StoredResult;
    readonly look: ReissueDetection;
    readonly result: CancellationResult;
    /** Why the entry could not be read; undefined if it was read. */
    readonly unreadable: DefenderError | undefined;
}

/**
 * Reads all actions of a set in few requests, and reports each deviation by the action's id. An entry that cannot be
 * read stays as it is stored; all other entries are updated. The engine passes no inputs to a refresh, so the inputs
 * are rebuilt from the stored results.
 */
export async function readSet(
    id: string,
    properties: Properties,
    { unread, logOnResource, ...reader }: SetReader & SetWatch,
): Promise<ReadResult> {
    const { siblings, log } = reader;
    const readings = await readEntries(properties, reader);
    logForgotten(readings.filter(isForgotten).length, readings.length, log);
    for (const reading of readings) {
        unread[reading.unreadable ? "add" : "remove"](properties.declaredBy, reading.id);
    }
    const next = readings.map((reading) => [reading, nextResult(reading, siblings)] as const);
    const deviations = Object.fromEntries(
        next.flatMap(([reading, result]) => {
            const deviation = deviationOf(result, reading, siblings);
            return deviation === undefined ? [] : [[reading.id, deviation]];
        }),
    );
    await logDrift(next, properties.declaredBy, { siblings, logOnResource });
    const results = new Map(next.map(([reading, result]) => [reading.id, result.properties]));
    const counts = countResults(next.map(([, result]) => result));
    const inputs = {
        ...inputsOf(properties),
        ...(Object.keys(deviations).length > 0 ? { deviations } : {}),
    };
    const runs = runsOf(properties);
    const evidence = runs.length > 0 ? { evidence: updateRuns(runs, results) } : {};
    const now = { ...properties, results: Object.fromEntries(results), counts, ...evidence };
    const unconfirmed = readings.map(({ result }) => result).filter(isUnconfirmed);
    const unreadable = unreadableAmong(readings);
    const stored = storedResults(properties);
    const named = {
        total: readings.length,
        nameOf: namesBy<CancellationResult>(
            readings.map(({ result }) => result),
            ({ machineActionId, action }) => action ?? stored.get(machineActionId) ?? {},
        ),
    };
    const listing = listingOf(properties.declaredBy);
    const reasons = [
        ...(unconfirmed.length > 0 ? reasonsOf(unconfirmed, { ...named, what: notConfirmed, listing }) : []),
        ...(unreadable.length > 0 ? reasonsOf(unreadable, { ...named, what: notRead }) : []),
    ];
    if (unreadable.length > 0) {
        return answerUnreadable({ id, properties: now, inputs }, reasons, logOnResource);
    }
    const props = trimToMessageLimit(now, inputs);
    if (unconfirmed.length > 0) {
        const shown = { ...inputs, __provider: properties.__provider };
        throw new StepFailure(reasons, { id, properties: props, inputs: shown });
    }
    return { id, props, inputs };
}

const notConfirmed = "cancellations are not proven yet; their records are saved";

/** The summary of several unreadable entries; it follows `N of M`. */
export const notRead = "machine actions could not be read; their records are kept as they are stored";

/** The answer of a refresh if no entry of the set could be read. */
export function keepUnreadSet(
    id: string,
    properties: Properties,
    error: unknown,
    { unread, logOnResource }: SetWatch,
): Promise<ReadResult> {
    const failure = couldNotRead(error, `the set ${shortText(id, 60)}`);
    for (const key of storedResults(properties).keys()) {
        unread.add(properties.declaredBy, key);
    }
    const inputs = { ...inputsOf(properties), desiredStatus: notReadable(failure.code) };
    return answerUnreadable({ id, properties, inputs }, [errorLine(failure)], logOnResource);
}

/** Reads some entries of a set again, as a refresh does. Returns their new results, and the failures. */
export async function readAgain(
    properties: Properties,
    ids: ReadonlySet<string>,
    reader: SetReader,
): Promise<{ readonly results: Map<string, StoredResult>; readonly failed: readonly FailedResult[] }> {
    const readings = await readEntries(properties, reader, ids);
    return {
        results: new Map(readings.map((reading) => [reading.id, nextResult(reading, reader.siblings)])),
        failed: unreadableAmong(readings),
    };
}

/** The declared inputs, rebuilt from the stored results. */
function inputsOf(properties: Properties): Record<string, unknown> {
    const cancellations = [...storedResults(properties).values()].map(({ entry }) => entry);
    return { ...pickSetInputs(properties), cancellations, desiredStatus };
}

async function readEntries(
    properties: Properties,
    { context, siblings, log }: SetReader,
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
                    unreadable: unreadable && couldNotRead(unreadable, describeRecord(key, stored)),
                };
            }),
    );
    logUnseen(
        readings.map(({ look }) => look),
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

function unreadableAmong(readings: readonly EntryReading[]): FailedResult[] {
    return readings.flatMap(({ result, unreadable }) => (unreadable ? [{ ...result, failure: unreadable }] : []));
}

/** Whether the API no longer retains the action of a proven entry. */
function isForgotten({ stored, result }: EntryReading): boolean {
    return result.failure?.code === "ERR_DEFENDER_NOT_FOUND" && isProven(stored);
}

function isUnconfirmed(result: CancellationResult): result is FailedResult {
    return result.failure?.code === "ERR_DEFENDER_NOT_CONFIRMED" && isOutstanding(result.record);
}

/** The new result of an entry. */
function nextResult(reading: EntryReading, siblings: DeclaredActions): StoredResult {
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

/** Names the entries that deviate. The failure of the refresh names those that were not read or not confirmed. */
async function logDrift(
    next: readonly (readonly [EntryReading, StoredResult])[],
    declaredBy: unknown,
    { siblings, logOnResource }: Pick<SetReader, "siblings"> & Pick<SetWatch, "logOnResource">,
): Promise<void> {
    const drifted = next.flatMap(([{ id, entry, stored, result: read, unreadable }, result]): Deviation[] => {
        if (unreadable || isUnconfirmed(read)) {
            return [];
        }
        const unresolved = isProven(result) ? unresolvedReissues(result, entry.declared, siblings) : undefined;
        return unresolved?.count === 0
            ? []
            : [
                  {
                      // A stored status is not that of an action which the API no longer has.
                      ...{ machineActionId: id, action: result, status: read.action && result.status },
                      wasProven: stored.confirmedAtUtc !== undefined,
                      issuedAgain: unresolved,
                  },
              ];
    });
    if (drifted.length > 0) {
        await logOnResource(declaredBy, driftLines(drifted, true));
    }
}

/** Describes how an entry deviates from its declaration; undefined if it does not deviate. */
function deviationOf(
    result: StoredResult,
    { entry, unreadable }: EntryReading,
    siblings: DeclaredActions,
): string | undefined {
    if (unreadable) {
        return notReadable(unreadable.code);
    }
    if (!isProven(result)) {
        return result.status ?? "not found";
    }
    return describeUnresolved(unresolvedReissues(result, entry.declared, siblings), result, 1);
}
