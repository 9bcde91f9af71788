import got, { type Got, HTTPError, RequestError, type RetryOptions } from "got";
import { z } from "zod";
import type { Credentials } from "./credentials.ts";
import { DefenderError, type DefenderErrorCode } from "./errors.ts";
import { shortText } from "./foreign-text.ts";

/** One exchange with the API. */
export interface HttpRequest {
    readonly method: "GET" | "POST";
    /** Below the API's URL, starting with a slash. */
    readonly path: string;
    /** The query as it goes over the wire, without the question mark. */
    readonly query?: string;
    readonly json?: unknown;
    /** An answer without readable JSON will do: its `body` is then undefined. */
    readonly isBodyOptional?: boolean;
    /** The action concerned, for errors. */
    readonly machineActionId?: string;
}

/** An answer with a 2xx status. */
export interface HttpAnswer {
    readonly status: number;
    /** The parsed JSON. */
    readonly body: unknown;
    /** `mise-correlation-id`, Microsoft's id of the exchange. */
    readonly correlationId: string | undefined;
    /** The server's clock: its `Date` header. */
    readonly date: string | undefined;
}

/** Sends one request; resolves only with a 2xx JSON answer, else throws a {@link DefenderError}. */
export type Http = (request: HttpRequest) => Promise<HttpAnswer>;

/** The longest Retry-After that a single request sits out, in milliseconds. */
const longestRetryAfter = 60_000;

// A read can be repeated whatever went wrong.
const retryReads: Partial<RetryOptions> = { limit: 3, methods: ["GET"], statusCodes: [429, 500, 502, 503, 504] };
// A cancel request is repeated here only when the API says that it did not take it; after anything else the outcome
// is unknown and the caller has to look first.
const retryCancels: Partial<RetryOptions> = { limit: 3, methods: ["POST"], statusCodes: [429], errorCodes: [] };

export interface HttpOptions {
    /** Scheme, host and path prefix, without a slash at the end. */
    readonly apiUrl: string;
    readonly credentials: Credentials;
    readonly userAgent: string;
    /** Aborted when the run shall stop: a request under way is finished, but none is repeated. */
    readonly stop: AbortSignal;
}

/** The one HTTP client of the process for one API: bearer token, time-outs, retries, errors without secrets. */
export function createHttp({ apiUrl, credentials, userAgent, stop }: HttpOptions): Http {
    const client: Got = got.extend({
        // A redirect could carry the token to another host.
        followRedirect: false,
        headers: { "user-agent": userAgent, accept: "application/json" },
        timeout: { lookup: 10_000, connect: 10_000, secureConnect: 10_000, response: 30_000, request: 60_000 },
    });
    return async (request) => {
        const token = await credentials.token();
        const pause = pauseThatEnds(stop);
        try {
            const response = await client(`${apiUrl}${request.path}${request.query ? `?${request.query}` : ""}`, {
                method: request.method,
                headers: { authorization: `Bearer ${token}` },
                ...(request.json === undefined ? {} : { json: request.json }),
                retry: {
                    ...(request.method === "GET" ? retryReads : retryCancels),
                    maxRetryAfter: longestRetryAfter,
                    calculateDelay: ({ computedValue }) => pause.begin(computedValue),
                },
                signal: pause.signal,
                hooks: { beforeRetry: [() => pause.end()] },
            });
            const correlationId = header(response.headers, "mise-correlation-id");
            if (response.statusCode < 200 || response.statusCode > 299) {
                throw failure("ERR_DEFENDER_RESPONSE", request, `answered ${response.statusCode} (a redirect?)`, {
                    status: response.statusCode,
                    trackingId: correlationId,
                });
            }
            return {
                status: response.statusCode,
                body: parseJson(response.body, request, response.statusCode, correlationId),
                correlationId,
                date: header(response.headers, "date"),
            };
        } catch (error) {
            throw error instanceof DefenderError ? error : describeFailure(error, request);
        } finally {
            pause.dispose();
        }
    };
}

/** Gives up the wait for a repetition when the run shall stop, and leaves a request that is under way alone. */
function pauseThatEnds(stop: AbortSignal) {
    const abandoned = new AbortController();
    let isPausing = false;
    const onStop = () => isPausing && abandoned.abort();
    stop.addEventListener("abort", onStop);
    return {
        signal: abandoned.signal,
        /** Returns the length of the pause; 0 means that nothing is repeated. */
        begin(milliseconds: number): number {
            isPausing = milliseconds > 0 && !stop.aborted;
            return isPausing ? milliseconds : 0;
        },
        end(): void {
            isPausing = false;
        },
        dispose: () => stop.removeEventListener("abort", onStop),
    };
}

function header(headers: Readonly<Record<string, string | string[] | undefined>>, name: string): string | undefined {
    const value = headers[name];
    return typeof value === "string" ? shortText(value, 100) : undefined;
}

function parseJson(text: string, request: HttpRequest, status: number, trackingId: string | undefined): unknown {
    try {
        return JSON.parse(text);
    } catch {
        if (request.isBodyOptional) {
            return undefined;
        }
        const what = /^\s*</.test(text) ? "HTML" : text === "" ? "an empty body" : "no readable JSON";
        throw failure("ERR_DEFENDER_RESPONSE", request, `answered ${status} with ${what}`, { status, trackingId });
    }
}

const envelope = z.object({
    error: z.object({
        code: z.string().catch(""),
        message: z.string().catch(""),
        target: z.string().optional().catch(undefined),
    }),
});

function describeFailure(error: unknown, request: HttpRequest): DefenderError {
    if (error instanceof HTTPError) {
        return describeRefusal(error, request);
    }
    if (error instanceof RequestError && error.code === "ERR_ABORTED") {
        return failure("ERR_DEFENDER_INTERRUPTED", request, "was not repeated, because the run was interrupted", {});
    }
    // got's errors hold the request with its Authorization header: only what can be said aloud goes on.
    const code = error instanceof RequestError ? error.code : undefined;
    const cause = error instanceof Error ? shortText(error.message, 200) : "unknown";
    return failure("ERR_DEFENDER_NETWORK", request, `got no answer: ${code ? `${code}, ` : ""}${cause}`, {});
}

function describeRefusal({ response }: HTTPError, request: HttpRequest): DefenderError {
    const status = response.statusCode;
    let said = { code: "", message: "", target: undefined as string | undefined };
    try {
        said = { ...said, ...envelope.parse(JSON.parse(String(response.body))).error };
    } catch {
        // A gateway's answer: HTML or nothing. The status has to do.
    }
    const trackingId = header(response.headers, "mise-correlation-id") ?? said.target;
    const words = said.code || said.message ? `: ${said.code} ${shortText(said.message, 300)}`.trimEnd() : "";
    const { code, advice } = judge(status, said.code, header(response.headers, "retry-after"));
    return failure(code, request, `answered ${status}${words}${advice}`, { status, trackingId });
}

function judge(
    status: number,
    apiCode: string,
    retryAfter: string | undefined,
): { code: DefenderErrorCode; advice: string } {
    switch (true) {
        case status === 401:
            return {
                code: "ERR_DEFENDER_UNAUTHORIZED",
                advice:
                    ". The token is missing, expired or made for another API: get a new one. " +
                    "A refresh uses the config of the last update: run it with --run-program after changing it",
            };
        case status === 403:
            return {
                code: "ERR_DEFENDER_FORBIDDEN",
                advice:
                    ". Reading needs Machine.Read.All; cancelling needs one action role, such as Machine.Isolate. " +
                    "A refresh uses the config of the last update: run it with --run-program after changing it",
            };
        case status === 404 && /notfound/i.test(apiCode):
            return { code: "ERR_DEFENDER_NOT_FOUND", advice: "" };
        case status === 429:
            return {
                code: "ERR_DEFENDER_THROTTLED",
                advice: `. The quota is used up: run again${retryAfter ? ` in ${retryAfter} s` : " later"}`,
            };
        case status >= 500:
            return { code: "ERR_DEFENDER_SERVER", advice: "" };
        // A 404 without the API's own code comes from a gateway: it says nothing about the action.
        case status === 404:
            return { code: "ERR_DEFENDER_RESPONSE", advice: ", which is not the API's own answer" };
        default:
            return { code: "ERR_DEFENDER_REFUSED", advice: "" };
    }
}

function failure(
    code: DefenderErrorCode,
    request: HttpRequest,
    what: string,
    details: { status?: number; trackingId?: string | undefined },
): DefenderError {
    return new DefenderError(code, `${request.method} ${request.path} ${what}`, {
        ...details,
        machineActionId: request.machineActionId,
    });
}
