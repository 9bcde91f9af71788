import { DefenderError, type DefenderErrorCode } from "../model/errors.ts";
import type { Quota } from "../quota/quota.ts";
import type { Credentials } from "../sign-in/credentials.ts";
import type { Clock } from "../system/clock.ts";
import { createExchange, type HttpAnswer, type HttpRequest } from "./exchange.ts";
import { createTransport, type TransportOptions } from "./transport.ts";

/** Sends one request; resolves only with a 2xx JSON answer, else throws a {@link DefenderError}. */
export type Http = (request: HttpRequest) => Promise<HttpAnswer>;

export interface HttpOptions extends TransportOptions {
    readonly credentials: Credentials;
    readonly quota: Quota;
    readonly clock: Clock;
    /** Aborted when the run must stop. A request under way is finished, but none is begun or repeated. */
    readonly stop: AbortSignal;
    /** From 0 to 1; spreads the attempts of many callers. Default `Math.random`. */
    readonly random?: () => number;
}

/**
 * The process's HTTP client for one API. It handles the bearer token, the quota, time-outs and retries, and its errors
 * contain no secrets.
 */
export function createHttp(options: HttpOptions): Http {
    const { credentials, quota, clock, stop, random = Math.random } = options;
    const exchange = createExchange({ transport: createTransport(options), quota, clock });
    return async (request) => {
        let renewed = false;
        let lastFailure: unknown;
        const since = clock.now();
        for (let failures = 0, refusals = 0; ; ) {
            const token = await credentials.token();
            try {
                return await exchange(request, since, token);
            } catch (error) {
                const { code, status } = error as DefenderError;
                if (code === "ERR_DEFENDER_UNAUTHORIZED" && !renewed && (await credentials.renew(token))) {
                    renewed = true;
                    continue;
                }
                const isRefusal = code === "ERR_DEFENDER_THROTTLED" && status === 429;
                failures += isRefusal ? 0 : 1;
                refusals += isRefusal ? 1 : 0;
                const pause = pauseBeforeRetry({ method: request.method, code, status, failures, refusals }, random());
                if (pause === undefined || stop.aborted) {
                    throw withCause(error, lastFailure);
                }
                lastFailure = error;
                if (pause > 0) {
                    await clock.sleep(pause, stop);
                }
            }
        }
    };
}

/** An interruption does not show why an attempt had to be repeated, so the failure before it becomes its cause. */
function withCause(error: unknown, cause: unknown): unknown {
    if (!(error instanceof DefenderError) || error.code !== "ERR_DEFENDER_INTERRUPTED") {
        return error;
    }
    return new DefenderError(error.code, error.message, { machineActionId: error.machineActionId, cause });
}

/** A failed attempt of a request. */
export interface FailedAttempt {
    readonly method: "GET" | "POST";
    readonly code: DefenderErrorCode;
    /** The HTTP status, where there was an answer. */
    readonly status: number | undefined;
    /** How many attempts have failed so far, including this one. Attempts that the quota refused do not count. */
    readonly failures: number;
    /** How many attempts the quota has refused so far. */
    readonly refusals: number;
}

/** The maximum number of attempts of one read, including the first. */
const maxReads = 4;

/** How often a request is sent again after the quota refused it. Each time it waits as long as the API asks. */
export const maxRefusals = 10;

const firstPauseMs = 1_000;
const maxPauseMs = 10_000;

/**
 * The pause before the next attempt, in milliseconds; undefined when the request must not be repeated. The function is
 * pure. `random` (0 to 1) spreads the attempts of many callers.
 *
 * A read can be repeated after any failure on the way. A cancel request is repeated here only after a 429, which shows
 * that the API did not accept it. After any other failure its outcome is unknown, and the caller has to read the action
 * first.
 */
export function pauseBeforeRetry(failed: FailedAttempt, random: number): number | undefined {
    const { method, code, status, failures, refusals } = failed;
    // Without a status, the wait for this package's own quota was given up.
    if (code === "ERR_DEFENDER_THROTTLED" && status === 429) {
        // The quota itself delays the next attempt.
        return refusals <= maxRefusals ? 0 : undefined;
    }
    const isTransient =
        code === "ERR_DEFENDER_NETWORK" ||
        code === "ERR_DEFENDER_SERVER" ||
        // The body was cut off, or is a gateway's page. A redirect would come again.
        (code === "ERR_DEFENDER_RESPONSE" && status !== undefined && status < 300);
    if (method === "POST" || !isTransient || failures >= maxReads) {
        return undefined;
    }
    return Math.min(firstPauseMs * 2 ** (failures - 1), maxPauseMs) * (0.5 + random / 2);
}
