import { DefenderError } from "../model/errors.ts";
import type { Quota, Turn } from "../quota/quota.ts";
import type { Credentials } from "../sign-in/credentials.ts";
import type { Clock } from "../system/clock.ts";
import { createExchange } from "./exchange.ts";
import type { RefusedRequest } from "./http-refusals.ts";
import { pauseBeforeRetry } from "./retry.ts";
import { createTransport, type TransportOptions } from "./transport.ts";

/** One exchange with the API. */
export interface HttpRequest extends RefusedRequest {
    /** The query as it goes over the wire, without the question mark. */
    readonly query?: string;
    readonly json?: unknown;
    /** An answer without readable JSON will do: its `body` is then undefined. */
    readonly isBodyOptional?: boolean;
    /**
     * Called each time when the request goes out, after the wait for the quota, with the turn that it got. What it
     * throws stops the request, which then does not count as a call.
     */
    readonly beforeSend?: (turn: Pick<Turn, "call">) => void;
    /** Goes ahead of all that wait for the quota in this process. Default: false. */
    readonly isNext?: boolean;
}

/** An answer with a 2xx status. */
export interface HttpAnswer {
    readonly status: number;
    /** The parsed JSON. */
    readonly body: unknown;
    /** How long its text was. */
    readonly characters: number;
    /** `mise-correlation-id`, Microsoft's id of the exchange. */
    readonly correlationId: string | undefined;
    /** The server's clock: its `Date` header. */
    readonly date: string | undefined;
    /** The number of the call, as {@link Turn} has it. */
    readonly call: number;
    /** Our clock when the request left; milliseconds since the epoch. */
    readonly beganAt: number;
    /** Our clock when the answer had arrived; milliseconds since the epoch. */
    readonly receivedAt: number;
}

/** Sends one request; resolves only with a 2xx JSON answer, else throws a {@link DefenderError}. */
export type Http = (request: HttpRequest) => Promise<HttpAnswer>;

export interface HttpOptions extends TransportOptions {
    readonly credentials: Credentials;
    readonly quota: Quota;
    readonly clock: Clock;
    /** Aborted when the run shall stop: a request under way is finished, but none is begun or repeated. */
    readonly stop: AbortSignal;
    /** From 0 to 1; spreads the attempts of many callers. Default `Math.random`. */
    readonly random?: () => number;
}

/** The one HTTP client of the process for one API: bearer token, quota, time-outs, retries, errors without secrets. */
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

/** The end of a run does not say why an attempt had to be repeated: the failure before it does. */
function withCause(error: unknown, cause: unknown): unknown {
    if (!(error instanceof DefenderError) || error.code !== "ERR_DEFENDER_INTERRUPTED") {
        return error;
    }
    return new DefenderError(error.code, error.message, { machineActionId: error.machineActionId, cause });
}
