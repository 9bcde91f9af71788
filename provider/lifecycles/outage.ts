import type { CancelContext, CancellationResult } from "../cancel/cancel-context.ts";
import { DefenderError, type DefenderErrorCode } from "../model/errors.ts";

/**
 * One outage of the API is found out once. Each reading of a record repeats its requests for some seconds; dozens of
 * old records, a few at a time, would take minutes and the quota of the new cancellations.
 */

/** So many actions that fail, while none is read, are an outage. */
const minFailures = 3;

/** For so long after a failure the other records fail with it, in milliseconds; then some are read again. */
const quietMs = 15_000;

/** Failures that say nothing of the one action that was asked for. */
const general: readonly DefenderErrorCode[] = [
    "ERR_DEFENDER_UNAUTHORIZED",
    "ERR_DEFENDER_THROTTLED",
    "ERR_DEFENDER_SERVER",
    "ERR_DEFENDER_NETWORK",
    "ERR_DEFENDER_RESPONSE",
    "ERR_DEFENDER_SIGN_IN",
    "ERR_DEFENDER_NO_CREDENTIAL",
];

/** Which reading of a record it is: that of a refresh, or that of the `update` after it, which must ask anew. */
export type ReadingKind = "refresh" | "update";

interface Outage {
    readonly failed: Set<string>;
    last: { readonly at: number; readonly failure: DefenderError } | undefined;
}

interface Outages extends Readonly<Record<ReadingKind, Outage>> {
    /** When an action was last read. */
    lastReadAt: number;
}

const noOutage = (): Outage => ({ failed: new Set(), last: undefined });

const known = new WeakMap<CancelContext, Outages>();

/** Reads one action by `read`. Throws at once where the API has just failed for others. */
export async function unlessOutage<T extends { readonly result: CancellationResult }>(
    machineActionId: string,
    kind: ReadingKind,
    context: CancelContext,
    read: () => Promise<T>,
): Promise<T> {
    const { clock } = context;
    const outages = known.get(context) ?? { lastReadAt: -Infinity, refresh: noOutage(), update: noOutage() };
    known.set(context, outages);
    const outage = outages[kind];
    const began = clock.now();
    if (outage.last && outage.failed.size >= minFailures && began - outage.last.at < quietMs) {
        throw afterOthers(outage.failed.size, outage.last.failure);
    }
    const reading = await read();
    const { failure } = reading.result;
    if (!failure || !general.includes(failure.code)) {
        outages.lastReadAt = clock.now();
        outages.refresh.failed.clear();
        outages.update.failed.clear();
    } else if (outages.lastReadAt < began) {
        outage.failed.add(machineActionId);
        outage.last = { at: clock.now(), failure };
    }
    return reading;
}

function afterOthers(others: number, failure: DefenderError): DefenderError {
    const { code, trackingId, status } = failure;
    // Of the others, only what went wrong on the way.
    const cause = failure.cause instanceof DefenderError ? failure.cause.message : failure.message;
    return new DefenderError(
        code,
        `the API was not asked, because it failed for ${others} other machine actions just before: ${cause}`,
        { trackingId, status, cause: failure },
    );
}
