import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { Answer } from "../routes/route.ts";
import { type ApiError, errorEnvelope } from "./errors.ts";

/** The answer that the client gets. */
export interface Reply {
    /** 0 when the connection is closed in place of an answer. */
    status: number;
    /** Sent before the headers that every answer of the API has. */
    headers: Readonly<Record<string, string>>;
    body: string;
    /** The ids of the machine actions that a client can read in the body. */
    ids: string[] | undefined;
    /** The API's answer to a request that it granted, even if the client does not get that answer. */
    granted: Answer | undefined;
    /** `cut short`: the connection is closed after half of the body that was announced. */
    delivery: "whole" | "cut short" | "none";
    /** Milliseconds until the first byte. */
    delayMs: number;
    /** A gateway's answer has no correlation id of the API. */
    isFromGateway: boolean;
}

const plain = { ids: undefined, granted: undefined, delivery: "whole", delayMs: 0, isFromGateway: false } as const;

/** No answer at all. */
export const dropped: Reply = { ...plain, status: 0, headers: {}, body: "", delivery: "none" };

const odataJson = "application/json; odata.metadata=minimal; odata.streaming=true; charset=utf-8";

/** The API's answer to a request that it granted. */
export function grantedReply(granted: Answer): Reply {
    const { status, body, contentType = odataJson, ids } = granted;
    const headers = { "content-type": contentType, "odata-version": "4.0" };
    return { ...plain, status, headers, body: body === undefined ? "" : JSON.stringify(body), ids, granted };
}

/** The API's answer to a request that it refused. */
export function refusalReply(error: ApiError, trackingId: string): Reply {
    const body = JSON.stringify(errorEnvelope(error, trackingId));
    return { ...plain, status: error.status, headers: error.headers, body };
}

/** A gateway's answer in place of the API's. */
export function gatewayReply(status: number, html: string): Reply {
    return { ...plain, status, headers: { "content-type": "text/html" }, body: html, isFromGateway: true };
}

/** An answer with exactly this status, body and headers. */
export function plainReply(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Reply {
    return { ...plain, status, headers, body };
}

/** Sends a reply, whose body has these bytes. `onSent` is called once the reply is sent, unless the client has disconnected before. */
export async function send(
    response: ServerResponse,
    { status, headers, delivery, delayMs }: Reply,
    bytes: Buffer,
    ownHeaders: Readonly<Record<string, string>>,
    onSent: () => void,
): Promise<void> {
    if (delayMs > 0 && !(await waited(delayMs, response))) {
        return;
    }
    if (delivery === "none") {
        response.socket?.destroy();
        onSent();
        return;
    }
    const length = status === 204 ? {} : { "content-length": String(bytes.length) };
    response.writeHead(status, { ...ownHeaders, ...length, ...headers });
    if (delivery === "cut short") {
        response.write(bytes.subarray(0, bytes.length / 2), () => {
            response.socket?.destroySoon();
            onSent();
        });
        return;
    }
    response.once("finish", onSent).end(bytes);
}

/** Waits in real time; returns false if the client has disconnected meanwhile. */
async function waited(ms: number, response: ServerResponse): Promise<boolean> {
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    try {
        await delay(ms, undefined, { signal: gone.signal });
        return true;
    } catch {
        return false;
    }
}
