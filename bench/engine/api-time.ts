import { type ActionSeed, type RecordedRequest, startSimulator } from "../../simulator/index.ts";
import { askProcess } from "../ask-process.ts";
import type { Replay } from "./replay-process.ts";

/** The number of requests that the package has in flight. */
const atOnce = 8;

/** The API's own time, in milliseconds: how long the same requests take from a bare client in its own process. */
export async function apiTime(actions: readonly ActionSeed[], sent: readonly RecordedRequest[]): Promise<number> {
    await using simulator = await startSimulator({ actions });
    const requests = sent.map(({ method, path, query, body }) => ({
        method,
        path: query === "" ? path : `${path}?${query}`,
        body,
    }));
    const program = new URL("./replay-process.ts", import.meta.url);
    return await askProcess<Replay, number>(program, { url: simulator.url, atOnce, requests });
}
