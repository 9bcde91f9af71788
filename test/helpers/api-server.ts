import type { IncomingMessage, ServerResponse } from "node:http";
import { listen } from "./listen.ts";

/** One request as it arrived. */
export interface SeenRequest {
    readonly method: string;
    /** With its query, as it was sent. */
    readonly url: string;
    readonly headers: Readonly<Record<string, string | string[] | undefined>>;
    readonly body: string;
}

export interface ApiServer extends AsyncDisposable {
    readonly url: string;
    readonly seen: readonly SeenRequest[];
}

export interface Answer {
    readonly status?: number;
    readonly headers?: Readonly<Record<string, string>>;
    /** Text is sent unchanged, any other value as JSON. */
    readonly body?: unknown;
}

/** A real HTTP server that answers as the test says; "drop" closes the connection instead. */
export async function startApiServer(
    answer: (request: SeenRequest, nth: number) => Answer | "drop" | Promise<Answer | "drop">,
): Promise<ApiServer> {
    const seen: SeenRequest[] = [];
    async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
        let body = "";
        for await (const chunk of request) {
            body += chunk;
        }
        const one = { method: request.method ?? "", url: request.url ?? "", headers: request.headers, body };
        seen.push(one);
        const said = await answer(one, seen.length);
        if (said === "drop") {
            request.socket.destroy();
            return;
        }
        response.writeHead(said.status ?? 200, { "content-type": "application/json", ...said.headers });
        response.end(typeof said.body === "string" ? said.body : JSON.stringify(said.body ?? {}));
    }
    const { url, [Symbol.asyncDispose]: dispose } = await listen(handle);
    return { url, seen, [Symbol.asyncDispose]: dispose };
}
