import type { IncomingMessage, ServerResponse } from "node:http";
import { listen } from "./listen.ts";

/** What the proxy does to one request. `pass` hands it on; "after" means: the API has carried it out. */
export type Fault =
    | "pass"
    | "drop before"
    | "drop after"
    | { readonly status: number; readonly body: string; readonly when: "before" | "after" };

export interface FaultyProxy extends AsyncDisposable {
    readonly url: string;
    /** The requests that were begun, as "POST" or "GET", in order. */
    readonly seen: readonly string[];
}

/** A gateway in front of the simulator that fails as told. `faultOf` is asked for each request. */
export async function startFaultyProxy(
    target: string,
    faultOf: (method: string, nth: number) => Fault,
): Promise<FaultyProxy> {
    const seen: string[] = [];

    async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
        const method = request.method ?? "";
        seen.push(method);
        const fault = faultOf(method, seen.filter((one) => one === method).length);
        const chunks: Buffer[] = [];
        for await (const chunk of request) {
            chunks.push(chunk as Buffer);
        }
        if (fault === "drop before") {
            request.socket.destroy();
            return;
        }
        if (typeof fault === "object" && fault.when === "before") {
            response.writeHead(fault.status, { "content-type": "application/json" }).end(fault.body);
            return;
        }
        const { host: _, connection: __, ...headers } = request.headers as Record<string, string>;
        const answer = await fetch(`${target}${request.url}`, {
            method,
            headers,
            ...(method === "POST" ? { body: Buffer.concat(chunks) } : {}),
        });
        const body = await answer.text();
        if (fault === "drop after") {
            request.socket.destroy();
        } else if (typeof fault === "object") {
            response.writeHead(fault.status, { "content-type": "application/json" }).end(fault.body);
        } else {
            const kept = ["content-type", "date", "mise-correlation-id"].map((name) => [
                name,
                answer.headers.get(name),
            ]);
            response.writeHead(answer.status, Object.fromEntries(kept.filter(([, value]) => value))).end(body);
        }
    }

    const { url, [Symbol.asyncDispose]: dispose } = await listen(handle);
    return { url, seen, [Symbol.asyncDispose]: dispose };
}
