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
    /** Aborted when no caller wants an answer any more: ends a request that is under way, too. */
    readonly cutOff?: AbortSignal | undefined;
    /** How long an answer may take to begin, in milliseconds; twice that to its end. Default 30,000. */
    readonly answerWithinMs?: number;
    /** What connects to the host. Default: this process's own agents, through the proxy of the environment. */
    readonly agents?: Agents;
}

/** Sends one request, once. Resolves with an answer of any status; rejects with got's error. */
export type Transport = (request: WireRequest, token: string) => Promise<Answer>;

/** What is the same for every request of every process: got checks it once, and not each time. */
const common = got.extend({
    headers: { accept: "application/json", "accept-encoding": acceptedEncoding },
    // A body that is compressed badly is no reason to lose the status of its answer.
    decompress: false,
    // A redirect could carry the token to another host.
    followRedirect: false,
    // The lists are empty, because got copies them for each request.
    retry: { limit: 0, methods: [], statusCodes: [], errorCodes: [] },
    throwHttpErrors: false,
});

/** Sends over got, which is set up once for each token. */
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
        // A failure after the answer matters no more, and would end the process: got 16.1.0 goes on
        // listening to the signal where an answer was complete before its request was.
        stream.on("error", () => {});
        if (method === "POST" && json === undefined) {
            // Else it waits for a body that is piped into it.
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
