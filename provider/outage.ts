import type { CancelContext, CancellationResult } from "./cancel/cancel.ts";
import { DefenderError, type DefenderErrorCode } from "./errors.ts";

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
];

interface Outage {
    lastReadAt: number;
    readonly failed: Set<string>;
    last: { readonly at: number; readonly failure: DefenderError } | undefined;
}

// Single cancellations and sets share the session of a process.
const outages = new WeakMap<CancelContext, Outage>();

/** Reads one action by `read`, or fails at once where the API has just failed for others. */
export async function unlessOutage<T extends { readonly result: CancellationResult }>(
    machineActionId: string,
    context: CancelContext,
    read: () => Promise<T>,
): Promise<T | DefenderError> {
    const outage = outages.get(context) ?? { lastReadAt: Number.NEGATIVE_INFINITY, failed: new Set(), last: undefined };
    outages.set(context, outage);
    const { clock } = context;
    const began = clock.now();
    if (outage.last && outage.failed.size >= minFailures && began - outage.last.at < quietMs) {
        return afterOthers(machineActionId, outage.failed.size, outage.last.failure);
    }
    const reading = await read();
    const { failure } = reading.result;
    if (!failure || !general.includes(failure.code)) {
        outage.lastReadAt = clock.now();
        outage.failed.clear();
    } else if (outage.lastReadAt < began) {
        outage.failed.add(machineActionId);
        outage.last = { at: clock.now(), failure };
    }
    return reading;
}

function afterOthers(machineActionId: string, others: number, failure: DefenderError): DefenderError {
    const { code, trackingId, status } = failure;
    // Of the others, only what went wrong on the way.
    const cause = failure.cause instanceof DefenderError ? failure.cause.message : failure.message;
    return new DefenderError(
        code,
        `machine action ${machineActionId} was not asked for, because the API failed for ${others} others just before: ${cause}`,
        { machineActionId, trackingId, status, cause: failure },
    );
}
