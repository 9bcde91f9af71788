import type { CancellationResult } from "../../cancel/cancel-context.ts";
import { differences } from "../../cancel/expectations.ts";
import type { DefenderError } from "../../model/errors.ts";
import { type Evidence, evidenceNames } from "../../model/evidence.ts";
import type { MachineAction } from "../../model/machine-action.ts";
import { type CancellationRecord, isOutstanding, isProven, pickDefined, toOutputs } from "../../model/outputs.ts";
import type { Reissue } from "../../reissues/reissue.ts";
import { type Expectation, expectable, isObject, type Properties } from "../../schema/input-rules.ts";
import type { SetEntry } from "../../schema/set-inputs.ts";

/**
 * What is stored of one cancellation of a set: the outputs of a single one, but for what is common to a run, which
 * stands in `evidence`, and what only repeats others. 5,000 of them have to fit into the engine's messages.
 */
export type StoredResult = Properties;

const copied = [
    "status",
    "outcome",
    "adoptedFrom",
    "effect",
    "statusBeforeCancel",
    "type",
    "machineId",
    "computerDnsName",
    "requestor",
    "requestorComment",
] as const;

/** Times to the second are enough for a record; the age of an action tells it from a re-issue. */
const times = {
    creationDateTimeUtc: 3,
    observedAtUtc: 0,
    requestedAtUtc: 0,
    confirmedAtUtc: 0,
    cancellationDateTimeUtc: 3,
} as const;

function storeTime(name: keyof typeof times, time: string | undefined): Properties {
    if (time === undefined) {
        return {};
    }
    const digits = times[name];
    return {
        [name]: time.replace(/\.(\d*)Z$/, (_, fraction: string) =>
            digits > 0 ? `.${fraction.slice(0, digits)}Z` : "Z",
        ),
    };
}

/** Stand for the properties of an expectation. */
const letters = { type: "t", machineId: "m", computerDnsName: "c", requestor: "r", requestorComment: "k" } as const;

/** What a result says beside the reading itself. */
export interface ResultContext {
    readonly entry: SetEntry;
    /** Its place in the declaration. */
    readonly at: number;
    /** The index of the evidence of the run that sent the last cancel request. */
    readonly run: number | undefined;
    readonly reissues: readonly Reissue[];
}

/** How a result is stored. */
export function storeResult(
    { action, record, failure }: Omit<CancellationResult, "machineActionId">,
    { entry, at, run, reissues }: ResultContext,
): StoredResult {
    const outputs = toOutputs(action, record);
    const { evidence } = record;
    return {
        ...Object.fromEntries(
            copied.filter((name) => outputs[name] !== undefined).map((name) => [name, outputs[name]]),
        ),
        ...storeTime("creationDateTimeUtc", action?.creationDateTimeUtc),
        ...storeTime("requestedAtUtc", record.requestedAtUtc),
        ...(isToldBy(record.requestedAtUtc, action?.cancellationDateTimeUtc)
            ? {}
            : storeTime("cancellationDateTimeUtc", action?.cancellationDateTimeUtc)),
        // An earlier proof says nothing of a request that is at work.
        ...(isOutstanding(record) ? {} : storeTime("confirmedAtUtc", record.confirmedAtUtc)),
        ...(evidence
            ? {
                  // 200 where nothing is said, 0 where no answer came.
                  ...(evidence.postStatus === 200 ? {} : { postStatus: evidence.postStatus ?? 0 }),
                  postCorrelationId: evidence.postCorrelationId,
                  ...storeTime("observedAtUtc", evidence.observedAtUtc),
                  run,
                  ...(evidence.posts > 1 ? { posts: evidence.posts } : {}),
              }
            : {}),
        ...(failure ? { failure: failure.code } : {}),
        ...(reissues.length > 0 ? { reissues } : {}),
        ...storeDeclared(entry, action),
        at,
    };
}

/** Whether our own time of the request tells when the API cancelled: not where we did not ask, or the clocks differ. */
function isToldBy(requestedAtUtc: string | undefined, cancellationDateTimeUtc: string | undefined): boolean {
    return Math.abs(Date.parse(requestedAtUtc ?? "") - Date.parse(cancellationDateTimeUtc ?? "")) <= 1_000;
}

/** How a result is stored that this run has nothing newer of than what is stored: by what is declared of it now. */
export function keepResult(
    old: StoredResult | undefined,
    { entry, at, failure }: Pick<ResultContext, "entry" | "at"> & { readonly failure: DefenderError | undefined },
): StoredResult {
    const { failure: _, expect: __, ifAlreadyFinal: ___, ...kept } = old ?? {};
    const observed = old?.status === undefined ? undefined : (old as unknown as MachineAction);
    return { ...kept, ...(failure ? { failure: failure.code } : {}), ...storeDeclared(entry, observed), at };
}

/** What the entry declares, so that a refresh, which gets no inputs, can give it back. */
function storeDeclared({ declared }: SetEntry, action: MachineAction | undefined): Properties {
    const { expect, ifAlreadyFinal } = declared;
    const own = ifAlreadyFinal === undefined ? {} : { ifAlreadyFinal };
    if (!isObject(expect)) {
        return own;
    }
    // What was observed as expected stands in the result already.
    const isObserved = action !== undefined && differences(action, expect as Expectation) === undefined;
    const names = expectable.filter((name) => expect[name] !== undefined);
    return { expect: isObserved ? names.map((name) => letters[name]).join("") : expect, ...own };
}

/** Whether a property of a result is also what was expected, and stands nowhere else. */
export function standsForExpected({ expect }: StoredResult, name: string): boolean {
    const letter = (letters as Readonly<Record<string, string>>)[name];
    return typeof expect === "string" && letter !== undefined && expect.includes(letter);
}

/** The entry as it was declared, from what is stored of it. */
export function declaredEntry(id: string, result: StoredResult): Properties {
    const { expect, ifAlreadyFinal } = result;
    const names = expectable.filter((name) => standsForExpected(result, name));
    const observed = Object.fromEntries(names.map((name) => [name, result[name]]));
    return {
        machineActionId: id,
        ...(isObject(expect) ? { expect } : names.length > 0 ? { expect: observed } : {}),
        ...(ifAlreadyFinal === undefined ? {} : { ifAlreadyFinal }),
    };
}

/** What is stored of a set, by id, in the order of the declaration. */
export function storedResults({ results }: Properties): Map<string, StoredResult> {
    const entries = Object.entries(isObject(results) ? results : {}).filter((one): one is [string, Properties] =>
        isObject(one[1]),
    );
    return new Map(entries.sort(([, one], [, other]) => placeOf(one) - placeOf(other)));
}

function placeOf({ at }: StoredResult): number {
    return typeof at === "number" ? at : 0;
}

const ownEvidence = evidenceNames("result");

/** The evidence that stands in a result itself, without that of its run; undefined where no request was sent. */
export function evidenceOfResult({ run, ...result }: StoredResult): Properties | undefined {
    // Left out where it is what it mostly is.
    return run === undefined ? undefined : { posts: 1, postStatus: 200, ...pickDefined(result, ownEvidence) };
}

/** The record of one result as the core wants it. */
export function recordOfResult(result: StoredResult): CancellationRecord {
    const own = evidenceOfResult(result);
    const proofSha256 = result.confirmedAtUtc === undefined ? undefined : "";
    return {
        ...(result as CancellationRecord),
        // No status: no answer came.
        evidence: own && ({ ...own, postStatus: own.postStatus || undefined, proofSha256 } as unknown as Evidence),
    };
}

/** How many ended how, and with what effect; `unproven` are those that are open. */
export function countResults(results: Iterable<StoredResult>): Record<string, number> {
    const counts = {
        total: 0,
        ...{ cancelled: 0, adopted: 0, expired: 0, tooLate: 0, unproven: 0 },
        ...{ prevented: 0, ran: 0, unknown: 0 },
    };
    const count = (name: unknown) => {
        if (typeof name === "string" && Object.hasOwn(counts, name)) {
            counts[name as keyof typeof counts]++;
        }
    };
    for (const result of results) {
        counts.total++;
        count(isProven(result) ? result.outcome : "unproven");
        count(isProven(result) ? result.effect : undefined);
    }
    return counts;
}
