import type { CancellationResult } from "../../cancel/cancel-context.ts";
import { differences } from "../../cancel/expectations.ts";
import type { DefenderError } from "../../model/errors.ts";
import type { KnownAction } from "../../model/machine-action.ts";
import { isOutstanding, isProven, type ProvenBy, toOutputs } from "../../model/outputs.ts";
import type { RecordedReissues } from "../../model/reissue.ts";
import { reissueOutputs } from "../../reissues/recorded-reissues.ts";
import { expectable, isObject, type Properties } from "../../schema/input-rules.ts";
import type { SetEntry } from "../../schema/set-inputs.ts";
import { letters, type StoredResult } from "../../schema/stored-set.ts";
import { momentOf } from "../../system/clock.ts";

/**
 * The form in which one cancellation of a set is stored. It has the outputs of a single cancellation, except two kinds
 * of values: those that only repeat another value, and those that are common to a run, which are stored in `evidence`.
 * The form is short because 5,000 cancellations have to fit into the engine's messages.
 */

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
    "title",
    "externalId",
    "relatedFileInfo",
    "commandSummary",
] as const;

/**
 * The number of decimal places of each time. Whole seconds are enough for a record, but the times of the action itself
 * must distinguish it from a re-issue.
 */
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

/** The details of a stored result that do not come from the reading. */
export interface ResultContext {
    readonly entry: SetEntry;
    /** Its place in the declaration. */
    readonly at: number;
    /** The index, in `evidence`, of the run that sent the last cancel request. */
    readonly run: number | undefined;
    readonly known: RecordedReissues;
}

/** The stored form of a result. */
export function storeResult(
    { action, record, failure }: Omit<CancellationResult, "machineActionId">,
    { entry, at, run, known }: ResultContext,
): Properties {
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
        // An earlier proof does not apply to a request that is under way.
        ...(isOutstanding(record) ? {} : storeTime("confirmedAtUtc", record.confirmedAtUtc)),
        ...(evidence
            ? {
                  // Left out for 200, and 0 if no answer arrived.
                  ...(evidence.postStatus === 200 ? {} : { postStatus: evidence.postStatus ?? 0 }),
                  postCorrelationId: evidence.postCorrelationId,
                  ...storeTime("observedAtUtc", evidence.observedAtUtc),
                  ...(evidence.proofSha256 === undefined ? {} : { proofSha256: evidence.proofSha256 }),
                  run,
                  ...((evidence.posts ?? 0) > 1 ? { posts: evidence.posts } : {}),
              }
            : {}),
        ...(failure ? { failure: failure.code } : {}),
        ...reissueOutputs(known),
        ...storeDeclared(entry, action),
        at,
    };
}

/**
 * Whether the time of our request also shows when the API cancelled the action. It does not show this if we sent no
 * request, or if the clocks differ.
 */
function isToldBy(requestedAtUtc: string | undefined, cancellationDateTimeUtc: string | undefined): boolean {
    return Math.abs(momentOf(requestedAtUtc) - momentOf(cancellationDateTimeUtc)) <= 1_000;
}

/**
 * The stored form of a result if this run has not read the action: the old values, with the current declaration.
 */
export function keepResult(
    old: StoredResult | undefined,
    { entry, at, failure }: Pick<ResultContext, "entry" | "at"> & { readonly failure: DefenderError | undefined },
): Properties {
    const { failure: _, expect: __, ifAlreadyFinal: ___, ...kept } = old?.properties ?? {};
    const observed = old?.status === undefined ? undefined : old;
    return { ...kept, ...(failure ? { failure: failure.code } : {}), ...storeDeclared(entry, observed), at };
}

/** The declaration of the entry. A refresh gets no inputs, so it restores them from here. */
function storeDeclared({ given, declared }: SetEntry, action: KnownAction | undefined): Properties {
    const { expect, ifAlreadyFinal } = given;
    const own = ifAlreadyFinal === undefined ? {} : { ifAlreadyFinal };
    if (!isObject(expect)) {
        return own;
    }
    // If the observed values match the expected ones, the result already has them, so only the names are stored.
    const isObserved = action !== undefined && differences(action, declared.expect) === undefined;
    const names = expectable.filter((name) => expect[name] !== undefined);
    return { expect: isObserved ? names.map((name) => letters[name]).join("") : expect, ...own };
}

/** Counts the results by outcome and by effect. `unproven` counts the results without a proof. */
export function countResults(results: Iterable<ProvenBy & { readonly effect?: unknown }>): Record<string, number> {
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
