import type { Sighting } from "../api/defender-client.ts";
import { type CancelContext, type CancellationResult, confirmCancellations } from "../cancel/cancel.ts";
import type { Say } from "../cancellation-lifecycle.ts";
import { acceptedBefore, type ReadResult } from "../cancellation-reading.ts";
import { declaredTarget, numberOf } from "../declared-target.ts";
import { desiredStatus, type Properties } from "../input-rules.ts";
import { isOutstanding, isProven, toOutputs } from "../outputs.ts";
import { partialReadFailure, plainError } from "../plugin/partial-failure.ts";
import { plainValue } from "../plugin/plain-value.ts";
import { lookForReissues, type ReissueLook, standingReissues } from "../reissue-watch.ts";
import { describeReissue, storedReissues } from "../reissues.ts";
import { type FailedResult, reasonsOf } from "./set-failures.ts";
import { pickSetInputs, type SetEntry } from "./set-inputs.ts";
import { sayUnseen } from "./set-lines.ts";
import {
    countResults,
    declaredEntry,
    recordOfResult,
    type StoredResult,
    storedResults,
    storeResult,
} from "./set-results.ts";

/** How long a refresh waits for the end of cancellations that are not proven, in milliseconds. */
const refreshWaitMs = 30_000;

/** What a refresh makes of one entry. */
interface EntryReading {
    readonly id: string;
    readonly entry: SetEntry;
    readonly stored: StoredResult;
    readonly look: ReissueLook;
    readonly result: CancellationResult;
}

/**
 * Reads all actions of a set, in few requests, and reports what deviates: each by its id. Inputs do not reach a
 * refresh, so they are given back from what is stored with the results.
 */
export async function readSet(
    id: string,
    properties: Properties,
    context: CancelContext,
    say: Say,
): Promise<ReadResult> {
    const common = pickSetInputs(properties);
    const { maxCancellations: _, ...inherited } = common;
    const all = [...storedResults(properties)];
    const readings = await Promise.all(
        all.map(async ([key, stored]): Promise<EntryReading> => {
            const declared = declaredEntry(key, stored);
            const entry = { declared, inputs: { ...inherited, ...declared, machineActionId: key } };
            const isWatched = isProven(stored) && stored.outcome !== "tooLate";
            const before = isWatched ? await lookForReissues(stored, entry.inputs, context) : undefined;
            const result = await confirm(key, stored, entry, before?.sighting, context);
            const look = before ?? (await lookNow(result, stored, entry, context));
            return { id: key, entry, stored, look, result };
        }),
    );
    sayUnseen(
        readings.map(({ look }) => look),
        say,
    );
    const next = readings.map((reading): [string, StoredResult] => [reading.id, nextResult(reading)]);
    const deviations = Object.fromEntries(
        next.flatMap(([key, result], index) => {
            const deviation = deviationOf(result, readings[index]);
            return deviation === undefined ? [] : [[key, deviation]];
        }),
    );
    const results = Object.fromEntries(next);
    const props = plainValue({ ...properties, results, counts: countResults(next.map(([, result]) => result)) });
    const inputs = {
        ...common,
        cancellations: all.map(([key, stored]) => declaredEntry(key, stored)),
        desiredStatus,
        ...(Object.keys(deviations).length > 0 ? { deviations } : {}),
    };
    const open = readings.map(({ result }) => result).filter(isUnconfirmed);
    if (open.length > 0) {
        throw partialReadFailure(
            { id, properties: props, reasons: reasonsOf(open, all.length) },
            { ...inputs, __provider: properties.__provider },
        );
    }
    return { id, props, inputs };
}

/** A cancellation that this very refresh has proven is looked around for as well. */
async function lookNow(
    { action, record, failure }: CancellationResult,
    stored: StoredResult,
    { inputs }: SetEntry,
    context: CancelContext,
): Promise<ReissueLook> {
    const reissues = storedReissues(stored);
    return action && !failure && record.outcome !== "tooLate"
        ? lookForReissues({ ...toOutputs(action, record), reissues }, inputs, context)
        : { reissues };
}

async function confirm(
    id: string,
    stored: StoredResult,
    { inputs }: SetEntry,
    sighting: Sighting | undefined,
    context: CancelContext,
): Promise<CancellationResult> {
    const policy = acceptedBefore(stored) ? inputs : { ...inputs, ifAlreadyFinal: "fail" };
    const record = recordOfResult(stored);
    const target = { ...declaredTarget(id, policy, stored), record, sighting };
    const [result] = await confirmCancellations([target], context, isOutstanding(record) ? refreshWaitMs : 0);
    if (!result) {
        throw plainError("the cancel core gave no result");
    }
    return result;
}

function isUnconfirmed(result: CancellationResult): result is FailedResult {
    return result.failure?.code === "ERR_DEFENDER_NOT_CONFIRMED" && isOutstanding(result.record);
}

/** What is stored of an entry from now on. Throws when nobody can tell: then the state stays as it is. */
function nextResult({ id, entry, stored, look, result }: EntryReading): StoredResult {
    const { action, record, failure } = result;
    const context = { entry, at: Number(stored.at), run: numberOf(stored.run), reissues: look.reissues };
    if (!action) {
        if (failure?.code === "ERR_DEFENDER_NOT_FOUND") {
            // Past the API's retention, or never there: the record says which.
            return { ...stored, ...(isProven(stored) ? {} : { failure: failure.code }) };
        }
        throw plainError(`the set cannot be read: machine action ${id}: ${failure?.code}: ${failure?.message}`);
    }
    const isSameStatus = isProven(stored) && stored.status === action.status;
    if (isSameStatus) {
        const { reissues: _, failure: code, ...kept } = stored;
        const next = { ...kept, ...(look.reissues.length > 0 ? { reissues: look.reissues } : {}) };
        const isOver = code === "ERR_DEFENDER_REISSUED" && standingReissues(next, entry.inputs).length === 0;
        return code === undefined || isOver ? next : { ...next, failure: code };
    }
    if (!failure || isUnconfirmed(result)) {
        return storeResult(result, context);
    }
    if (failure.code === "ERR_DEFENDER_NOT_CONFIRMED" || failure.code === "ERR_DEFENDER_TOO_LATE") {
        const { outcome: _, effect: __, adoptedFrom: ___, statusBeforeCancel: ____, ...lasting } = record;
        return storeResult({ action, record: lasting, failure }, context);
    }
    throw plainError(`the set cannot be read: machine action ${id}: ${failure.code}: ${failure.message}`);
}

/** How an entry is not as it is wanted, in words; undefined when it is. */
function deviationOf(result: StoredResult, reading: EntryReading | undefined): string | undefined {
    if (!isProven(result)) {
        return typeof result.status === "string" ? result.status : "not found";
    }
    const [first] = standingReissues(result, reading?.entry.inputs ?? {});
    return first && describeReissue(first, result);
}
