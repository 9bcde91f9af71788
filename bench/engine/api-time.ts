import { type ActionSeed, type RecordedRequest, startSimulator } from "../../simulator/index.ts";
import { askProcess } from "../ask-process.ts";
import type { Replay } from "./replay-process.ts";

/** As many as the package has under way. */
const atOnce = 8;

/** The API's own time, in milliseconds: that of the same requests from a bare client in a process of its own. */
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
