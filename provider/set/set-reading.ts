import type { CancelContext, CancellationResult } from "../cancel/cancel.ts";
import type { ReadResult } from "../cancellation-reading.ts";
import { numberOf } from "../declared-target.ts";
import { errorLine } from "../errors.ts";
import { desiredStatus, type Properties } from "../input-rules.ts";
import { isOutstanding, isProven } from "../outputs.ts";
import { partialReadFailure, plainError } from "../plugin/partial-failure.ts";
import { plainValue } from "../plugin/plain-value.ts";
import type { Say } from "../print.ts";
import { refreshCancellation } from "../refresh.ts";
import { type ReissueLook, standingReissues } from "../reissue-watch.ts";
import { describeReissue } from "../reissues.ts";
import { runsOf } from "./run-evidence.ts";
import { type FailedResult, fitting, reasonsOf } from "./set-failures.ts";
import { pickSetInputs, type SetEntry } from "./set-inputs.ts";
import { sayForgotten, sayUnseen } from "./set-lines.ts";
import {
    countResults,
    declaredEntry,
    recordOfResult,
    type StoredResult,
    storedResults,
    storeResult,
} from "./set-results.ts";

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
    const runs = runsOf(properties);
    const readings = await Promise.all(
        all.map(async ([key, stored]): Promise<EntryReading> => {
            const declared = declaredEntry(key, stored);
            const entry = { declared, inputs: { ...inherited, ...declared, machineActionId: key } };
            const tenantId = runs[numberOf(stored.run) ?? -1]?.tenantId;
            const reading = { stored, record: recordOfResult(stored), inputs: entry.inputs, tenantId };
            const { result, look } = await refreshCancellation(key, reading, context);
            return { id: key, entry, stored, look, result };
        }),
    );
    sayUnseen(
        readings.map(({ look }) => look),
        say,
    );
    sayForgotten(readings.filter(isForgotten).length, readings.length, say);
    const next = readings.map((reading): [string, StoredResult] => [reading.id, nextResult(reading)]);
    const deviations = Object.fromEntries(
        next.flatMap(([key, result], index) => {
            const deviation = deviationOf(result, readings[index]);
            return deviation === undefined ? [] : [[key, deviation]];
        }),
    );
    const results = Object.fromEntries(next);
    const counts = countResults(next.map(([, result]) => result));
    const inputs = {
        ...common,
        cancellations: all.map(([key, stored]) => declaredEntry(key, stored)),
        desiredStatus,
        ...(Object.keys(deviations).length > 0 ? { deviations } : {}),
    };
    const props = plainValue(fitting({ ...properties, results, counts }, inputs));
    const open = readings.map(({ result }) => result).filter(isUnconfirmed);
    if (open.length > 0) {
        throw partialReadFailure(
            { id, properties: props, reasons: reasonsOf(open, all.length) },
            { ...inputs, __provider: properties.__provider },
        );
    }
    return { id, props, inputs: plainValue(inputs) };
}

/** Past the API's retention. */
function isForgotten({ stored, result }: EntryReading): boolean {
    return result.failure?.code === "ERR_DEFENDER_NOT_FOUND" && isProven(stored);
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
        throw plainError(`the set cannot be read: machine action ${id}: ${errorLine(failure)}`);
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
    throw plainError(`the set cannot be read: machine action ${id}: ${errorLine(failure)}`);
}

/** How an entry is not as it is wanted, in words; undefined when it is. */
function deviationOf(result: StoredResult, reading: EntryReading | undefined): string | undefined {
    if (!isProven(result)) {
        return typeof result.status === "string" ? result.status : "not found";
    }
    const [first] = standingReissues(result, reading?.entry.inputs ?? {});
    return first && describeReissue(first, result);
}
