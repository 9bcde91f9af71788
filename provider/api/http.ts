import { DefenderError } from "../model/errors.ts";
import type { Quota } from "../quota/quota.ts";
import type { Credentials } from "../sign-in/credentials.ts";
import type { Clock } from "../system/clock.ts";
import { createExchange, type HttpAnswer, type HttpRequest, hasNoServer } from "./exchange.ts";
import { pauseBeforeRetry } from "./retry.ts";
import { createTransport, type TransportOptions } from "./transport.ts";

/** Sends one request. Resolves only with a 2xx JSON answer; otherwise rejects with a {@link DefenderError}. */
export type Http = (request: HttpRequest) => Promise<HttpAnswer>;

export interface HttpOptions extends TransportOptions {
    readonly credentials: Credentials;
    readonly quota: Quota;
    readonly clock: Clock;
    /** Aborted when the run must stop. Requests under way are finished, but no request is begun or repeated. */
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
    const exchange = createExchange({ apiUrl: options.apiUrl, transport: createTransport(options), quota, clock });
    return async (request) => {
        let renewed = false;
        let lastFailure: unknown;
        const since = clock.now();
        for (let failures = 0, refusals = 0; ; ) {
            const token = await credentials.token();
            try {
                return await exchange(request, since, token);
            } catch (error) {
                request.afterFailure?.(error);
                const { code, status } = error as DefenderError;
                if (code === "ERR_DEFENDER_UNAUTHORIZED" && !renewed && (await credentials.renew(token))) {
                    renewed = true;
                    continue;
                }
                const isRefusal = code === "ERR_DEFENDER_THROTTLED" && status === 429;
                failures += isRefusal ? 0 : 1;
                refusals += isRefusal ? 1 : 0;
                const attempt = {
                    method: request.method,
                    code,
                    status,
                    hasServer: !hasNoServer(error),
                    failures,
                    refusals,
                };
                const pause = pauseBeforeRetry(attempt, random());
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

/**
 * The error of an interruption does not show why a request had to be repeated, so the failure before the interruption
 * becomes its cause.
 */
function withCause(error: unknown, cause: unknown): unknown {
    if (!(error instanceof DefenderError) || error.code !== "ERR_DEFENDER_INTERRUPTED") {
        return error;
    }
    return new DefenderError(error.code, error.message, { machineActionId: error.machineActionId, cause });
}
