import type { IncomingMessage } from "node:http";
import { isGuid } from "../actions/machine-action.ts";
import type { Fault } from "../faults/fault.ts";
import type { Destination } from "../routes/find-route.ts";
import type { Operation } from "../routes/route.ts";

/** One request and its result. */
export interface RecordedRequest {
    /** When it came in, milliseconds since the epoch. */
    at: number;
    method: string;
    /** As sent, still encoded, without the query. */
    path: string;
    /** As sent, still encoded, without the question mark. */
    query: string;
    operation: Operation;
    /** The machine action that the path names, lower case; for `create`, the new machine action. */
    actionId?: string;
    /**
     * The display name of the application that sent it; absent when its token was refused, or was not looked at because
     * of a fault.
     */
    application?: string;
    /** Names in lower case; the Authorization header is among them. */
    headers: Record<string, string>;
    body: string;
    /** The answer's HTTP status; 0 when the connection was closed in place of an answer. */
    status: number;
    /**
     * The ids of the machine actions, or of the machines, in the answer; absent when the answer is an error, or not
     * readable.
     */
    ids?: string[];
    /** The error code of the API's refusal, such as `ActiveRequestAlreadyExists`; absent when it has none. */
    errorCode?: string;
    /** Whether the API carried the request out, even if the client got an error. */
    carriedOut: boolean;
    /** The fault that the fault plan gave it. */
    fault?: Fault;
}

/** The record of a request that has just come in. */
export function beginRecord(
    request: IncomingMessage,
    { operation, id }: Pick<Destination, "operation" | "id">,
    at: number,
): RecordedRequest {
    const { method = "", url = "" } = request;
    const [path = "", ...query] = url.split("?");
    return {
        at,
        method,
        path,
        query: query.join("?"),
        operation,
        ...(operation !== "create" && operation !== "machine" && isGuid(id) ? { actionId: id } : {}),
        headers: plainHeaders(request),
        body: "",
        status: 0,
        carriedOut: false,
    };
}

function plainHeaders(request: IncomingMessage): Record<string, string> {
    const entries = Object.entries(request.headers);
    return Object.fromEntries(entries.map(([name, value]) => [name, [value ?? ""].flat().join(", ")]));
}
