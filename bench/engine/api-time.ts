import { fork } from "node:child_process";
import { once } from "node:events";
import { type ActionSeed, type RecordedRequest, startSimulator } from "../../simulator/index.ts";
import type { Replay } from "./replay-process.ts";

/** As many as the package has under way. */
const atOnce = 8;

/** The API's own time, in milliseconds: that of the same requests from a bare client in a process of its own. */
export async function apiTime(actions: readonly ActionSeed[], sent: readonly RecordedRequest[]): Promise<number> {
    await using simulator = await startSimulator({ actions });
    const child = fork(new URL("./replay-process.ts", import.meta.url), { execArgv: [] });
    const requests = sent.map(({ method, path, query, body }) => ({
        method,
        path: query === "" ? path : `${path}?${query}`,
        body,
    }));
    child.send({ url: simulator.url, atOnce, requests } satisfies Replay);
    const [milliseconds] = await Promise.race([
        once(child, "message"),
        once(child, "exit").then(([code]) => {
            throw new Error(`the replay ended with exit code ${code}`);
        }),
    ]);
    return milliseconds;
}
