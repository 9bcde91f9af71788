import type { DefenderErrorCode } from "../model/errors.ts";

/** One attempt of a request that failed. */
export interface FailedAttempt {
    readonly method: "GET" | "POST";
    readonly code: DefenderErrorCode;
    /** The HTTP status, where there was an answer. */
    readonly status: number | undefined;
    /** How many attempts failed so far, this one among them; those that the quota refused do not count. */
    readonly failures: number;
    /** How many attempts the quota refused so far. */
    readonly refusals: number;
}

/** Attempts of one read, the first among them. */
const maxReads = 4;

/** How often one request is sent again because the quota refused it. Each time it waits as long as the API says. */
export const maxRefusals = 10;

const firstPauseMs = 1_000;
const maxPauseMs = 10_000;

/**
 * The pause before the next attempt, in milliseconds; undefined when the failure is the request's end. Pure, but for
 * `random` (0 to 1), which spreads the attempts of many callers.
 *
 * A read can be repeated after any failure on the way. A cancel request is repeated here only when the API says that
 * it did not take it; after anything else its outcome is unknown, and the caller has to look first.
 */
export function pauseBeforeRetry(failed: FailedAttempt, random: number): number | undefined {
    const { method, code, status, failures, refusals } = failed;
    // Without an answer it is our own quota that gave up waiting.
    if (code === "ERR_DEFENDER_THROTTLED" && status === 429) {
        // The quota itself holds the next attempt back.
        return refusals <= maxRefusals ? 0 : undefined;
    }
    const isTransient =
        code === "ERR_DEFENDER_NETWORK" ||
        code === "ERR_DEFENDER_SERVER" ||
        // Cut, or a gateway's page. A redirect comes again.
        (code === "ERR_DEFENDER_RESPONSE" && status !== undefined && status < 300);
    if (method === "POST" || !isTransient || failures >= maxReads) {
        return undefined;
    }
    return Math.min(firstPauseMs * 2 ** (failures - 1), maxPauseMs) * (0.5 + random / 2);
}
