import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { authorize } from "./access-token.ts";
import { ApiError, errorEnvelope } from "./errors.ts";
import { isGuid } from "./machine-action.ts";
import { type Answer, type Destination, type Operation, route, type Tenant } from "./routes.ts";

/** One request and what became of it. */
export interface RecordedRequest {
    /** When it came in, milliseconds since the epoch. */
    at: number;
    method: string;
    /** As sent, still encoded, without the query. */
    path: string;
    /** As sent, still encoded, without the question mark. */
    query: string;
    operation: Operation;
    /** The machine action that the path names, lower case; for `create` the new one. */
    actionId?: string;
    /** Names in lower case; the Authorization header is among them. */
    headers: Record<string, string>;
    body: string;
    /** The answer's HTTP status. */
    status: number;
    /** The ids of the machine actions in the answer; absent when it is an error. */
    ids?: string[];
}

/** What the listener is told from outside. */
export interface ListenerOptions {
    /** The only bearer token to accept; undefined: any. */
    token: string | undefined;
    now: () => number;
    /** Called with the finished record just before the answer goes out. */
    onAnswer: (request: RecordedRequest) => void;
    /** Called when the answer has been sent. */
    onSent: (request: RecordedRequest) => void;
}

const longestBody = 1_000_000;

async function readBody(request: IncomingMessage): Promise<string> {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
        length += chunk.length;
        if (length <= longestBody) {
            chunks.push(chunk);
        }
    }
    if (length > longestBody) {
        throw new ApiError(413, "RequestTooLarge", `A request body has at most ${longestBody} bytes.`);
    }
    return Buffer.concat(chunks).toString();
}

function plainHeaders(request: IncomingMessage): Record<string, string> {
    const entries = Object.entries(request.headers);
    return Object.fromEntries(entries.map(([name, value]) => [name, [value ?? ""].flat().join(", ")]));
}

function recordOf(request: IncomingMessage, { operation, id }: Destination, at: number): RecordedRequest {
    const { method = "", url = "" } = request;
    const [path = "", ...query] = url.split("?");
    return {
        at,
        method,
        path,
        query: query.join("?"),
        operation,
        ...(operation !== "create" && isGuid(id) ? { actionId: id } : {}),
        headers: plainHeaders(request),
        body: "",
        status: 0,
    };
}

/** Answers a `node:http` server's requests as the API would. */
export function createListener(
    tenant: Tenant,
    { token, now, onAnswer, onSent }: ListenerOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
    function grant({ id, answer }: Destination, { headers, path, query, body }: RecordedRequest): Answer {
        const caller = authorize(headers.authorization, token);
        const address = `http://${headers.host ?? ""}${path}`;
        return answer(tenant, { id, query, address, contentType: headers["content-type"], body, caller });
    }

    return async (request, response) => {
        const trackingId = randomUUID();
        const destination = route(request.method ?? "", (request.url ?? "").split("?")[0] ?? "");
        const record = recordOf(request, destination, now());
        let body: string;
        try {
            record.body = await readBody(request);
            const answer = grant(destination, record);
            const [firstId] = answer.ids;
            body = JSON.stringify(answer.body);
            record.status = answer.status;
            record.ids = answer.ids;
            if (record.operation === "create" && firstId !== undefined) {
                record.actionId = firstId;
            }
        } catch (cause) {
            if (!request.complete) {
                // The client has gone: there is nobody to answer.
                return;
            }
            const error = cause instanceof ApiError ? cause : new ApiError(500, "InternalServerError", String(cause));
            body = JSON.stringify(errorEnvelope(error, trackingId));
            record.status = error.status;
            response.setHeaders(new Map(Object.entries(error.headers)));
        }
        onAnswer(record);
        response.once("finish", () => onSent(record));
        response.writeHead(record.status, {
            "content-type": "application/json; charset=utf-8",
            "mise-correlation-id": trackingId,
            date: new Date(now()).toUTCString(),
        });
        response.end(body);
    };
}
