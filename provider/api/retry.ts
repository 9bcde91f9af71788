import type { DefenderErrorCode } from "../model/errors.ts";

/** A failed attempt of a request. */
export interface FailedAttempt {
    readonly method: "GET" | "POST";
    readonly code: DefenderErrorCode;
    /** The HTTP status, where there was an answer. */
    readonly status: number | undefined;
    /** False if no server runs at the API's address, which is on this machine. */
    readonly hasServer: boolean;
    /** How many attempts have failed so far, including this one. Attempts that the quota refused do not count. */
    readonly failures: number;
    /** How many attempts the quota has refused so far. */
    readonly refusals: number;
}

/** The maximum number of attempts of one read, including the first. */
const maxReads = 4;

/**
 * How often a request is sent again after the quota refused it. Before each attempt, it waits as long as the API asks.
 */
export const maxRefusals = 10;

const firstPauseMs = 1_000;
const maxPauseMs = 10_000;

/**
 * The pause before the next attempt, in milliseconds; undefined when the request must not be repeated. The function is
 * pure. `random` (0 to 1) spreads the attempts of many callers.
 *
 * A read can be repeated after any failure on the way, except where no server runs. A cancel request is repeated here
 * only after a 429, which shows that the API did not accept it. After any other failure its outcome is unknown, and the
 * caller has to read the action first.
 */
export function pauseBeforeRetry(failed: FailedAttempt, random: number): number | undefined {
    const { method, code, status, hasServer, failures, refusals } = failed;
    // If the error has no status, the request was not sent, because the wait for the quota was given up.
    if (code === "ERR_DEFENDER_THROTTLED" && status === 429) {
        // The quota itself delays the next attempt.
        return refusals <= maxRefusals ? 0 : undefined;
    }
    const isTransient =
        code === "ERR_DEFENDER_NETWORK" ||
        code === "ERR_DEFENDER_SERVER" ||
        // The body was cut off, or is a gateway's page. A redirect is not repeated, because it would come again.
        (code === "ERR_DEFENDER_RESPONSE" && status !== undefined && status < 300);
    if (method === "POST" || !isTransient || !hasServer || failures >= maxReads) {
        return undefined;
    }
    return Math.min(firstPauseMs * 2 ** (failures - 1), maxPauseMs) * (0.5 + random / 2);
}
