import { RequestError } from "got";
import { DefenderError, type DefenderErrorCode } from "../model/errors.ts";
import type { Lease, Quota } from "../quota/quota.ts";
import type { QuotaRefusal } from "../quota/quota-refusal.ts";
import { readIdentity } from "../sign-in/credentials.ts";
import type { Clock } from "../system/clock.ts";
import { adviceOnRefused } from "../system/network/loopback.ts";
import { shortText } from "../text/sanitize.ts";
import { parseBody } from "./answer-body.ts";
import { header, type RequestTarget, refusalOf } from "./http-refusals.ts";
import type { Answer, Transport } from "./transport.ts";

/** One exchange with the API. */
export interface HttpRequest extends RequestTarget {
    /** The query as it goes over the wire, without the question mark. */
    readonly query?: string;
    readonly json?: unknown;
    /** Whether an answer without readable JSON is accepted. Its `body` is then undefined. */
    readonly isBodyOptional?: boolean;
    /**
     * Called with the lease each time the request is about to be sent, after the wait for the quota. If it throws, the
     * request is not sent and does not count as a call.
     */
    readonly beforeSend?: (lease: Pick<Lease, "call">) => void;
    /** Called with the failure of each attempt, even if the attempt is then repeated. */
    readonly afterFailure?: (failure: unknown) => void;
    /** Whether the request goes ahead of all other requests that wait for the quota in this process. Default: false. */
    readonly isNext?: boolean;
}

/** An answer with a 2xx status. */
export interface HttpAnswer {
    readonly status: number;
    /** The parsed JSON. */
    readonly body: unknown;
    /** The length of the answer's text. */
    readonly characters: number;
    /** `mise-correlation-id`, Microsoft's id of the exchange. */
    readonly correlationId: string | undefined;
    /** The server's clock: its `Date` header. */
    readonly date: string | undefined;
    /** The number of the call: see {@link Lease}. */
    readonly call: number;
    /** Our clock when the request left; milliseconds since the epoch. */
    readonly beganAt: number;
    /** Our clock when the answer had arrived; milliseconds since the epoch. */
    readonly receivedAt: number;
}

/** Makes one attempt of a request: acquires a lease from the quota, sends the request and interprets the answer. */
export type Exchange = (request: HttpRequest, since: number, token: string) => Promise<HttpAnswer>;

export interface ExchangeOptions {
    readonly apiUrl: string;
    readonly transport: Transport;
    readonly quota: Quota;
    readonly clock: Clock;
}

/** An exchange resolves only with a 2xx JSON answer. It reports each answer to the quota. */
export function createExchange({ apiUrl, transport, quota, clock }: ExchangeOptions): Exchange {
    async function exchange(request: HttpRequest, since: number, token: string): Promise<HttpAnswer> {
        const lease = await acquireLease(request, since, token);
        const { call } = lease;
        try {
            beginUnder(lease, request);
            const beganAt = clock.now();
            const answer = await transport(request, token).catch((error: unknown) => {
                throw unreached(error, request, apiUrl);
            });
            if (answer.statusCode !== 429) {
                lease.answered();
            }
            if (answer.statusCode < 400) {
                return { ...read(answer, request), call, beganAt, receivedAt: clock.now() };
            }
            const said = refusalOf(request, answer, readIdentity(token).roles);
            if (answer.statusCode === 429) {
                await lease.refused(refusalIn(answer, said));
            }
            throw said;
        } finally {
            lease[Symbol.dispose]();
        }
    }

    /**
     * Acquires the lease for a request. If the quota requires a probe first and the request is not a read, sends a read
     * as the probe.
     */
    async function acquireLease(request: HttpRequest, since: number, token: string): Promise<Lease> {
        for (;;) {
            const lease = await quota.acquire({ isNext: request.isNext, since }).catch((error: unknown) => {
                throw notSent(error, request);
            });
            if (!lease.isProbe || request.method === "GET") {
                return lease;
            }
            await probe(lease, token);
        }
    }

    async function probe(lease: Lease, token: string): Promise<void> {
        try {
            const answer = await transport(probingRead, token);
            if (answer.statusCode === 429) {
                await lease.refused(refusalIn(answer, refusalOf(probingRead, answer, [])));
            } else {
                lease.answered();
            }
        } catch {
            // Without an answer nothing is known, so the quota lets the next request probe.
        } finally {
            lease[Symbol.dispose]();
        }
    }

    return exchange;
}

/** The smallest read. Any answer except 429 shows that the API accepts requests. */
const probingRead: HttpRequest = { method: "GET", path: "/api/machineactions", query: "$top=1" };

function refusalIn({ headers }: Answer, { message }: DefenderError): QuotaRefusal {
    return { retryAfter: header(headers, "retry-after"), date: header(headers, "date"), message };
}

function beginUnder(lease: Lease, { beforeSend }: HttpRequest): void {
    try {
        beforeSend?.(lease);
    } catch (error) {
        lease.unused();
        throw error;
    }
}

function read({ statusCode: status, headers, body: text }: Answer, request: HttpRequest) {
    const correlationId = header(headers, "mise-correlation-id");
    const fail = (what: string, details: { status?: number } = { status }) =>
        failure("ERR_DEFENDER_RESPONSE", request, `answered ${status} ${what}`, {
            ...details,
            trackingId: correlationId,
        });
    if (status < 200 || status > 299) {
        throw fail("(a redirect?)");
    }
    const body = parseBody(text);
    if ("instead" in body && !request.isBodyOptional) {
        // An error without a status is not retried.
        throw fail(`with ${body.instead}`, body.isExcess ? {} : { status });
    }
    const value = "value" in body ? body.value : undefined;
    return {
        status,
        body: value,
        characters: typeof text === "string" ? text.length : 0,
        correlationId,
        date: header(headers, "date"),
    };
}

/** Adds the action's id, which the quota's error does not have. */
function notSent(error: unknown, { machineActionId }: HttpRequest): unknown {
    return error instanceof DefenderError ? new DefenderError(error.code, error.message, { machineActionId }) : error;
}

/** got's errors hold the request with its Authorization header, so only their code and message are passed on. */
function unreached(error: unknown, request: HttpRequest, apiUrl: string): DefenderError {
    if (error instanceof RequestError && error.code === "ERR_ABORTED") {
        // The API may have carried out a cancel request anyway, so its outcome is unknown.
        const code = request.method === "POST" ? "ERR_DEFENDER_NETWORK" : "ERR_DEFENDER_INTERRUPTED";
        return failure(code, request, "was aborted because the run is shutting down");
    }
    const cause = error instanceof Error ? shortText(error.message, 500) : "unknown";
    // Node's messages name the code, but for some.
    const code = error instanceof RequestError && !cause.includes(error.code) ? `${error.code}, ` : "";
    const advice =
        error instanceof RequestError && error.code === "ECONNREFUSED"
            ? adviceOnRefused(apiUrl, "DEFENDER_API_URL")
            : "";
    // One cause, whichever request it met.
    const reason = `no answer: ${code}${cause}${advice}`;
    const unanswered = failure("ERR_DEFENDER_NETWORK", request, `got ${reason}`, { reason });
    if (advice !== "") {
        withoutServer.add(unanswered);
    }
    return unanswered;
}

/** The failures of requests to a loopback address at which no server runs. */
const withoutServer = new WeakSet<object>();

/** Whether a request failed because no server runs at the API's loopback address. To repeat it would not help. */
export function hasNoServer(error: unknown): boolean {
    return typeof error === "object" && error !== null && withoutServer.has(error);
}

function failure(
    code: DefenderErrorCode,
    { method, path, machineActionId }: HttpRequest,
    what: string,
    details: { status?: number; trackingId?: string | undefined; reason?: string } = {},
): DefenderError {
    return new DefenderError(code, `${method} ${path} ${what}`, { ...details, machineActionId });
}
