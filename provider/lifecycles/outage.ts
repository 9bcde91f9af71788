import type { CancelContext, CancellationResult } from "../cancel/cancel-context.ts";
import { DefenderError, type DefenderErrorCode } from "../model/errors.ts";

/**
 * Detects an outage of the API once for all records. During an outage, each reading of a record would repeat its
 * requests for some seconds. Dozens of old records, read a few at a time, would take minutes and use up the quota that
 * the new cancellations need.
 */

/** If this many actions fail and no action is read in between, the failures count as an outage. */
const minFailures = 3;

/** For how many milliseconds after the last failure every reading fails without a request. */
const quietMs = 15_000;

/** Failures that are not specific to the requested action. */
const general: readonly DefenderErrorCode[] = [
    "ERR_DEFENDER_UNAUTHORIZED",
    "ERR_DEFENDER_THROTTLED",
    "ERR_DEFENDER_SERVER",
    "ERR_DEFENDER_NETWORK",
    "ERR_DEFENDER_RESPONSE",
    "ERR_DEFENDER_SIGN_IN",
    "ERR_DEFENDER_NO_CREDENTIAL",
];

/** The step that reads a record: a refresh, or the `update` after the refresh, which must read the record again. */
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

/** Reads one action with `read`. Throws at once if the API has just failed for other actions. */
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
    const { last } = outage;
    if (last && outage.failed.size >= minFailures && isRecent(began - last.at)) {
        throw afterOthers(outage.failed.size, last.failure);
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

/** A time in the future is that of a clock that was set back since. It must not end all readings until then. */
function isRecent(ageMs: number): boolean {
    return ageMs >= 0 && ageMs < quietMs;
}

function afterOthers(others: number, failure: DefenderError): DefenderError {
    const { code, trackingId, status } = failure;
    // If this failure was itself caused by the failures of other actions, only the original cause is shown.
    const original = failure.cause instanceof DefenderError ? failure.cause : failure;
    return new DefenderError(
        code,
        `no request was sent, because the API has just failed for ${others} other machine actions: ${original.message}`,
        {
            trackingId,
            status,
            reason: `no request was sent, because the API has just failed for other machine actions: ${original.reason}`,
            cause: failure,
        },
    );
}
