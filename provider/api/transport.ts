import got, { type Got } from "got";
import { type Agents, agentsFor } from "../system/network/agents.ts";
import { type BodyText, readText } from "./answer-body.ts";
import { acceptedEncoding } from "./decompressed.ts";
import { header } from "./http-refusals.ts";

/** A request as it goes over the wire. */
export interface WireRequest {
    readonly method: "GET" | "POST";
    /** Below the API's URL, starting with a slash. */
    readonly path: string;
    /** Without the question mark. */
    readonly query?: string;
    readonly json?: unknown;
}

/** An answer as it arrived. */
export interface Answer {
    readonly statusCode: number;
    readonly headers: Readonly<Record<string, string | string[] | undefined>>;
    readonly body: BodyText;
}

export interface TransportOptions {
    /** Scheme, host and path prefix, without a slash at the end. */
    readonly apiUrl: string;
    readonly userAgent: string;
    /** Aborted when no caller needs an answer any more. This also ends a request that is under way. */
    readonly cutOff?: AbortSignal | undefined;
    /** How long an answer may take to begin, in milliseconds. It may take twice as long to end. Default: 30,000. */
    readonly answerWithinMs?: number;
    /** The agents that connect to the host. Default: this process's own, which use the proxy of the environment. */
    readonly agents?: Agents;
}

/** Sends one request, once. Resolves with an answer of any status; rejects with got's error. */
export type Transport = (request: WireRequest, token: string) => Promise<Answer>;

/** The options that all requests share. got validates them once here instead of for each request. */
const common = got.extend({
    headers: { accept: "application/json", "accept-encoding": acceptedEncoding },
    // A badly compressed body must not lose the status of its answer.
    decompress: false,
    // A redirect could carry the token to another host.
    followRedirect: false,
    // The lists are empty, because got copies them for each request.
    retry: { limit: 0, methods: [], statusCodes: [], errorCodes: [] },
    throwHttpErrors: false,
});

/** Sends requests with got, which is set up once for each token. */
export function createTransport(options: TransportOptions): Transport {
    const { apiUrl, userAgent, cutOff, agents, answerWithinMs = 30_000 } = options;
    let clients: { readonly token: string; readonly GET: Got; readonly POST: Got } | undefined;

    function clientsWith(token: string) {
        const client = common.extend({
            headers: { authorization: `Bearer ${token}`, "user-agent": userAgent },
            timeout: {
                lookup: 10_000,
                connect: 10_000,
                secureConnect: 10_000,
                response: answerWithinMs,
                request: 2 * answerWithinMs,
            },
            agent: agents ?? agentsFor(apiUrl),
            ...(cutOff ? { signal: cutOff } : {}),
        });
        return { token, GET: client, POST: client.extend({ method: "POST" }) };
    }

    return async ({ method, path, query, json }, token) => {
        clients = clients?.token === token ? clients : clientsWith(token);
        const stream = clients[method].stream(
            `${apiUrl}${path}${query ? `?${query}` : ""}`,
            json === undefined ? undefined : { json },
        );
        // An error after the answer no longer matters, but without a listener it would end the process. Such an error
        // is possible, because got 16.1.0 does not remove its abort listener if the answer is complete before the
        // request has been sent completely.
        stream.on("error", () => {});
        if (method === "POST" && json === undefined) {
            // Otherwise got waits for a body that is piped into the stream.
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
    };
}
