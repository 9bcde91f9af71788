import { randomUUID } from "node:crypto";
import { startSimulator } from "../../simulator/index.ts";
import { askProcess } from "../ask-process.ts";
import type { HeapGrowth, HeapTask } from "./heap-process.ts";

/** The bytes by which the heap grows for each cancellation of a set, without the SDK and the engine. */
export interface HeapResult {
    readonly cancellations: number;
    readonly peakBytesPerCancellation: number;
    readonly keptBytesPerCancellation: number;
}

/** Enough actions to use every module once. */
const warmUpSize = 20;

/** The growth of the heap for sets of these sizes, each in a process of its own. */
export async function* measureHeap(sizes: readonly number[]): AsyncGenerator<HeapResult> {
    for (const size of sizes) {
        const idsOf = (length: number) => Array.from({ length }, () => randomUUID());
        const warmUp = idsOf(warmUpSize);
        const ids = idsOf(size);
        await using simulator = await startSimulator({ actions: [...warmUp, ...ids].map((id) => ({ id })) });
        const program = new URL("./heap-process.ts", import.meta.url);
        const task: HeapTask = { url: simulator.url, warmUp, ids };
        const { peak, kept } = await askProcess<HeapTask, HeapGrowth>(program, task, { flags: ["--expose-gc"] });
        yield {
            cancellations: size,
            peakBytesPerCancellation: peak / size,
            keptBytesPerCancellation: kept / size,
        };
    }
}
