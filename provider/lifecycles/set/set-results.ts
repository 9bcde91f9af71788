import type { CancellationResult } from "../../cancel/cancel-context.ts";
import { differences } from "../../cancel/expectations.ts";
import type { DefenderError } from "../../model/errors.ts";
import type { KnownAction } from "../../model/machine-action.ts";
import { isOutstanding, isProven, type ProvenBy, toOutputs } from "../../model/outputs.ts";
import type { Reissue } from "../../model/reissue.ts";
import { expectable, isObject, type Properties } from "../../schema/input-rules.ts";
import type { SetEntry } from "../../schema/set-inputs.ts";
import { letters, type StoredResult } from "../../schema/stored-set.ts";

/**
 * How one cancellation of a set is written into the state: the outputs of a single one, but for what is common to a run,
 * which stands in `evidence`, and what only repeats others. 5,000 of them have to fit into the engine's messages.
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
        // An earlier proof says nothing of a request that is at work.
        ...(isOutstanding(record) ? {} : storeTime("confirmedAtUtc", record.confirmedAtUtc)),
        ...(evidence
            ? {
                  // 200 where nothing is said, 0 where no answer came.
                  ...(evidence.postStatus === 200 ? {} : { postStatus: evidence.postStatus ?? 0 }),
                  postCorrelationId: evidence.postCorrelationId,
                  ...storeTime("observedAtUtc", evidence.observedAtUtc),
                  run,
                  ...((evidence.posts ?? 0) > 1 ? { posts: evidence.posts } : {}),
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
): Properties {
    const { failure: _, expect: __, ifAlreadyFinal: ___, ...kept } = old?.properties ?? {};
    const observed = old?.status === undefined ? undefined : old;
    return { ...kept, ...(failure ? { failure: failure.code } : {}), ...storeDeclared(entry, observed), at };
}

/** What the entry declares, so that a refresh, which gets no inputs, can give it back. */
function storeDeclared({ given, declared }: SetEntry, action: KnownAction | undefined): Properties {
    const { expect, ifAlreadyFinal } = given;
    const own = ifAlreadyFinal === undefined ? {} : { ifAlreadyFinal };
    if (!isObject(expect)) {
        return own;
    }
    // What was observed as expected stands in the result already.
    const isObserved = action !== undefined && differences(action, declared.expect) === undefined;
    const names = expectable.filter((name) => expect[name] !== undefined);
    return { expect: isObserved ? names.map((name) => letters[name]).join("") : expect, ...own };
}

/** How many ended how, and with what effect; `unproven` are those that are open. */
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
