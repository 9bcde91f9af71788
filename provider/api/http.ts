import got, { RequestError } from "got";
import { DefenderError, type DefenderErrorCode } from "../model/errors.ts";
import type { Quota, Turn } from "../quota/quota.ts";
import type { Refusal } from "../quota/quota-refusal.ts";
import { type Credentials, readIdentity } from "../sign-in/credentials.ts";
import type { Clock } from "../system/clock.ts";
import { type Agents, agentsFor } from "../system/network/agents.ts";
import { shortText } from "../text/sanitize.ts";
import { type BodyText, parseBody, readText } from "./answer-body.ts";
import { acceptedEncoding } from "./decompressed.ts";
import { header, type RefusedRequest, refusalOf } from "./http-refusals.ts";
import { pauseBeforeRetry } from "./retry.ts";

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

export interface HttpOptions {
    /** Scheme, host and path prefix, without a slash at the end. */
    readonly apiUrl: string;
    readonly credentials: Credentials;
    readonly quota: Quota;
    readonly clock: Clock;
    readonly userAgent: string;
    /** Aborted when the run shall stop: a request under way is finished, but none is begun or repeated. */
    readonly stop: AbortSignal;
    /** Aborted when nobody wants an answer any more: ends a request that is under way, too. */
    readonly cutOff?: AbortSignal | undefined;
    /** How long an answer may take to begin, in milliseconds; twice that to its end. Default 30,000. */
    readonly answerWithinMs?: number;
    /** What connects to the host. Default: this process's own agents, through the proxy of the environment. */
    readonly agents?: Agents;
    /** From 0 to 1; spreads the attempts of many callers. Default `Math.random`. */
    readonly random?: () => number;
}

/** The one HTTP client of the process for one API: bearer token, quota, time-outs, retries, errors without secrets. */
export function createHttp(options: HttpOptions): Http {
    const { credentials, clock, stop, random = Math.random } = options;
    return async (request) => {
        let renewed = false;
        let lastFailure: unknown;
        const since = clock.now();
        for (let failures = 0, refusals = 0; ; ) {
            const token = await credentials.token();
            try {
                return await exchange(request, since, token, options);
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

async function exchange(request: HttpRequest, since: number, token: string, options: HttpOptions): Promise<HttpAnswer> {
    const turn = await takeTurn(request, since, token, options);
    const { call } = turn;
    try {
        beginUnder(turn, request);
        const beganAt = options.clock.now();
        const answer = await send(request, token, options).catch((error: unknown) => {
            throw unreached(error, request);
        });
        if (answer.statusCode !== 429) {
            turn.answered();
        }
        if (answer.statusCode < 400) {
            return { ...read(answer, request), call, beganAt, receivedAt: options.clock.now() };
        }
        const said = refusalOf(request, answer, readIdentity(token).roles);
        if (answer.statusCode === 429) {
            await turn.refused(refusalIn(answer, said));
        }
        throw said;
    } finally {
        turn[Symbol.dispose]();
    }
}

/** The turn for a request; where the quota wants a probe first, a read is sent for what is no read. */
async function takeTurn(request: HttpRequest, since: number, token: string, options: HttpOptions): Promise<Turn> {
    for (;;) {
        const turn = await options.quota.take({ isNext: request.isNext, since }).catch((error: unknown) => {
            throw notSent(error, request);
        });
        if (!turn.isProbe || request.method === "GET") {
            return turn;
        }
        await probe(turn, token, options);
    }
}

/** The smallest read there is. Whatever is said but 429, the API takes requests. */
const probingRead: HttpRequest = { method: "GET", path: "/api/machineactions", query: "$top=1" };

async function probe(turn: Turn, token: string, options: HttpOptions): Promise<void> {
    try {
        const answer = await send(probingRead, token, options);
        if (answer.statusCode === 429) {
            await turn.refused(refusalIn(answer, refusalOf(probingRead, answer, [])));
        } else {
            turn.answered();
        }
    } catch {
        // Without an answer nothing is known: the quota lets the next one ask.
    } finally {
        turn[Symbol.dispose]();
    }
}

function refusalIn({ headers }: Answer, { message }: DefenderError): Refusal {
    return { retryAfter: header(headers, "retry-after"), date: header(headers, "date"), message };
}

function beginUnder(turn: Turn, { beforeSend }: HttpRequest): void {
    try {
        beforeSend?.(turn);
    } catch (error) {
        turn.unused();
        throw error;
    }
}

/** An answer as it arrived. */
interface Answer {
    readonly statusCode: number;
    readonly headers: Readonly<Record<string, string | string[] | undefined>>;
    readonly body: BodyText;
}

/** What is the same for every request: got checks it once, and not each time. */
const client = got.extend({
    headers: { accept: "application/json", "accept-encoding": acceptedEncoding },
    // A body that is compressed badly is no reason to lose the status of its answer.
    decompress: false,
    // A redirect could carry the token to another host.
    followRedirect: false,
    retry: { limit: 0 },
    throwHttpErrors: false,
});

async function send(
    request: HttpRequest,
    token: string,
    { apiUrl, userAgent, cutOff, agents, answerWithinMs = 30_000 }: HttpOptions,
): Promise<Answer> {
    const url = `${apiUrl}${request.path}${request.query ? `?${request.query}` : ""}`;
    const stream = client.stream(url, {
        method: request.method,
        headers: { authorization: `Bearer ${token}`, "user-agent": userAgent },
        ...(request.json === undefined ? {} : { json: request.json }),
        timeout: {
            lookup: 10_000,
            connect: 10_000,
            secureConnect: 10_000,
            response: answerWithinMs,
            request: 2 * answerWithinMs,
        },
        agent: agents ?? agentsFor(url),
        ...(cutOff ? { signal: cutOff } : {}),
    });
    // What fails once the answer is there concerns nobody any more, and would end the process: got 16.1.0 goes on
    // listening to the signal where an answer was complete before its request was.
    stream.on("error", () => {});
    if (request.method === "POST" && request.json === undefined) {
        // Else it waits for a body that somebody pipes into it.
        stream.end();
    }
    try {
        const body = await readText(stream, () => header(stream.response?.headers ?? {}, "content-encoding"));
        const { response } = stream;
        if (!response) {
            throw new Error("the connection ended before an answer began");
        }
        return { statusCode: response.statusCode, headers: response.headers, body };
    } finally {
        stream.destroy();
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
        // An answer without a status is not asked for again.
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

/** The quota knows nothing of the request that it turned away. */
function notSent(error: unknown, { machineActionId }: HttpRequest): unknown {
    return error instanceof DefenderError ? new DefenderError(error.code, error.message, { machineActionId }) : error;
}

/** The end of a run does not say why an attempt had to be repeated: the failure before it does. */
function withCause(error: unknown, cause: unknown): unknown {
    if (!(error instanceof DefenderError) || error.code !== "ERR_DEFENDER_INTERRUPTED") {
        return error;
    }
    return new DefenderError(error.code, error.message, { machineActionId: error.machineActionId, cause });
}

/** got's errors hold the request with its Authorization header: only what can be said aloud goes on. */
function unreached(error: unknown, request: HttpRequest): DefenderError {
    if (error instanceof RequestError && error.code === "ERR_ABORTED") {
        // A cancel request may have been carried out all the same: its outcome is unknown.
        const code = request.method === "POST" ? "ERR_DEFENDER_NETWORK" : "ERR_DEFENDER_INTERRUPTED";
        return failure(code, request, "was cut off: nobody waits for it any more");
    }
    const code = error instanceof RequestError ? `${error.code}, ` : "";
    const cause = error instanceof Error ? shortText(error.message, 500) : "unknown";
    return failure("ERR_DEFENDER_NETWORK", request, `got no answer: ${code}${cause}`);
}

function failure(
    code: DefenderErrorCode,
    { method, path, machineActionId }: HttpRequest,
    what: string,
    details: { status?: number; trackingId?: string | undefined } = {},
): DefenderError {
    return new DefenderError(code, `${method} ${path} ${what}`, { ...details, machineActionId });
}
