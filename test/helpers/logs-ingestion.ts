import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { decodeJwt } from "jose";
import { createServerCertificate } from "../../simulator/http/certificates.ts";

/** What the stand-in does with one call: `drop` closes the connection after it has read the call. */
export type IngestionAnswer =
    | "drop"
    | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown };

export interface IngestionCall {
    /** Milliseconds since the process began. */
    readonly at: number;
    readonly path: string;
    readonly apiVersion: string | null;
    /** The `aud` of the token. */
    readonly audience: unknown;
    /** The size of the body, not compressed. */
    readonly bytes: number;
    readonly rows: readonly Readonly<Record<string, unknown>>[];
}

export interface LogsIngestion extends AsyncDisposable {
    readonly url: string;
    /** The authority that clients must trust; PEM. */
    readonly authority: string;
    readonly calls: readonly IngestionCall[];
    /** The rows of the calls that were answered with 204. */
    rows(): readonly Readonly<Record<string, unknown>>[];
}

/** The documented limit of a call: https://learn.microsoft.com/azure/azure-monitor/fundamentals/service-limits */
const maxBytes = 1_048_576;

/** The path of the API: https://learn.microsoft.com/azure/azure-monitor/logs/logs-ingestion-api-overview */
const path = /^POST \/dataCollectionRules\/dcr-[\da-z]+\/streams\/Custom-\w+$/;

/** The Logs Ingestion API over TLS, which answers the first calls as scripted, and takes the others. */
export async function startLogsIngestion(script: readonly IngestionAnswer[] = []): Promise<LogsIngestion> {
    const { authority, certificate, key } = await createServerCertificate("127.0.0.1");
    const calls: IngestionCall[] = [];
    const taken: Readonly<Record<string, unknown>>[] = [];
    const answers = [...script];

    async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
        const call = await callOf(request);
        calls.push(call);
        const answer = answers.shift() ?? naturalAnswer(call);
        if (answer === "drop") {
            request.socket.destroy();
            return;
        }
        if (answer.status === 204) {
            taken.push(...call.rows);
        }
        response.writeHead(answer.status, { "content-type": "application/json", ...answer.headers });
        response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
    }

    const server = createServer({ cert: certificate, key }, (request, response) => void handle(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return {
        url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
        authority,
        calls,
        rows: () => taken,
        async [Symbol.asyncDispose]() {
            server.closeAllConnections();
            await new Promise((resolve) => server.close(resolve));
        },
    };
}

async function callOf(request: IncomingMessage): Promise<IngestionCall> {
    const sent = await buffer(request);
    const body = request.headers["content-encoding"] === "gzip" ? gunzipSync(sent) : sent;
    const url = new URL(request.url ?? "", "https://endpoint");
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1];
    return {
        at: performance.now(),
        path: `${request.method} ${url.pathname}`,
        apiVersion: url.searchParams.get("api-version"),
        audience: token === undefined ? undefined : decodeJwt(token).aud,
        bytes: body.length,
        rows: JSON.parse(body.toString("utf8")),
    };
}

/** As the API answers a call without a fault on its side. */
function naturalAnswer(call: IngestionCall): IngestionAnswer {
    if (!path.test(call.path) || call.apiVersion !== "2023-01-01") {
        return { status: 404, body: { error: { code: "NotFound", message: "The route is unknown." } } };
    }
    if (call.audience !== "https://monitor.azure.com") {
        return { status: 401, body: { error: { code: "InvalidToken", message: "The audience is wrong." } } };
    }
    return { status: call.bytes > maxBytes ? 413 : 204 };
}
