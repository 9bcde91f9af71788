import { once } from "node:events";
import { Agent, request } from "node:http";
import { text } from "node:stream/consumers";
import type { SimulatedApi } from "../../test/helpers/simulated-api.ts";

/** A client without this package: `node:http`, and the wait that the API asks for when it refuses a request. */
export interface PlainClient {
    post(path: string, body: object): Promise<unknown>;
    get(path: string): Promise<unknown>;
}

/** `keepAlive`: whether requests share connections, as in a program; separate runs of curl do not. */
export function plainClient({ url, time }: SimulatedApi, keepAlive: boolean): PlainClient {
    const agent = new Agent({ keepAlive });

    async function send(method: string, path: string, body?: string): Promise<unknown> {
        for (;;) {
            const call = request(`${url}/api/machineactions/${path}`, {
                agent,
                method,
                headers: { authorization: "Bearer simulated-token", "content-type": "application/json" },
            });
            call.end(body);
            const [answer] = await once(call, "response");
            const answered = await text(answer);
            if (answer.statusCode === 429) {
                await time.sleep(Number(answer.headers["retry-after"]) * 1000);
            } else if (answer.statusCode >= 300) {
                throw new Error(`${method} ${path} was answered with ${answer.statusCode}: ${answered}`);
            } else {
                return JSON.parse(answered);
            }
        }
    }

    return { post: (path, body) => send("POST", path, JSON.stringify(body)), get: (path) => send("GET", path) };
}
