/**
 * Sends recorded requests again, without this package, several at once over shared connections. Takes a {@link Replay}
 * as a message, and answers with the milliseconds that it took.
 */
import { once } from "node:events";
import { Agent, request } from "node:http";

/** The requests to send, and the address of the API. */
export interface Replay {
    readonly url: string;
    readonly atOnce: number;
    readonly requests: readonly { readonly method: string; readonly path: string; readonly body: string }[];
}

process.once("message", async ({ url, atOnce, requests }: Replay) => {
    const agent = new Agent({ keepAlive: true });
    const rest = requests.values();
    const start = performance.now();
    await Promise.all(
        Array.from({ length: atOnce }, async () => {
            for (const { method, path, body } of rest) {
                const headers = { authorization: "Bearer bench-token", "content-type": "application/json" };
                const call = request(`${url}${path}`, { agent, method, headers });
                call.end(body);
                const [answer] = await once(call, "response");
                answer.resume();
                await once(answer, "end");
            }
        }),
    );
    process.send?.(performance.now() - start);
    process.disconnect();
    agent.destroy();
});
