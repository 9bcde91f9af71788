import type { IncomingMessage, ServerResponse } from "node:http";
import { type PageDocument, pageDocument } from "./page-document.ts";
import type { PageStreams } from "./page-streams.ts";

/** How the page's listener answers. */
export interface PageListenerOptions {
    readonly streams: PageStreams;
    /** The host names that a request may name; undefined: any. */
    readonly hosts: readonly string[] | undefined;
}

/** Serves the page and its stream. It changes nothing, and knows nothing of the API. */
export function createPageListener({
    streams,
    hosts,
}: PageListenerOptions): (request: IncomingMessage, response: ServerResponse) => void {
    const document = pageDocument();
    return (request, response) => {
        for (const [name, value] of Object.entries(headersOf(document))) {
            response.setHeader(name, value);
        }
        // A site whose name an attacker points at a loopback address must not read the page.
        if (hosts !== undefined && !hosts.includes(hostOf(request))) {
            refuse(response, 421, "This page is not served under that name: open it as 127.0.0.1 or localhost.");
            return;
        }
        if (request.method !== "GET") {
            response.setHeader("allow", "GET");
            refuse(response, 405, "This page can only be read.");
            return;
        }
        const [path] = (request.url ?? "").split("?");
        if (path === "/") {
            response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(document.html);
        } else if (path === "/events") {
            const lastId = request.headers["last-event-id"];
            streams.open(response, typeof lastId === "string" ? lastId : undefined);
        } else {
            refuse(response, 404, "There is only one page here: /");
        }
    };
}

function headersOf({ policy }: PageDocument): Readonly<Record<string, string>> {
    return {
        "cache-control": "no-store",
        "content-security-policy": policy,
        "cross-origin-resource-policy": "same-origin",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    };
}

function refuse(response: ServerResponse, status: number, why: string): void {
    response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(`${why}\n`);
}

/** The host that a request names, without the port. */
function hostOf({ headers }: IncomingMessage): string {
    return (headers.host ?? "").toLowerCase().replace(/:\d+$/, "");
}
