import { type IncomingHttpHeaders, request } from "node:http";
import { text } from "node:stream/consumers";

/** What a plain client sees of an answer. */
export interface Seen {
    /** `none`: the connection was closed before an answer; `broken off`: in the middle of one. */
    outcome: "whole" | "broken off" | "none";
    status: number;
    headers: IncomingHttpHeaders;
    body: string;
}

/** Sends one request by node:http, which repeats nothing and mends nothing. */
export function ask(url: string, method: "GET" | "POST" = "GET", body = ""): Promise<Seen> {
    return new Promise((resolve) => {
        const sent = request(url, {
            method,
            agent: false,
            headers: {
                authorization: "Bearer plain",
                ...(method === "POST" ? { "content-type": "application/json" } : {}),
            },
        });
        sent.on("error", () => resolve({ outcome: "none", status: 0, headers: {}, body: "" }));
        sent.on("response", async (response) => {
            const { statusCode: status = 0, headers } = response;
            try {
                resolve({ outcome: "whole", status, headers, body: await text(response) });
            } catch {
                resolve({ outcome: "broken off", status, headers, body: "" });
            }
        });
        sent.end(body);
    });
}
