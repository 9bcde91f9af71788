import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RecordedRequest, type Simulator, startSimulator } from "../../simulator/index.ts";
import { startEngine } from "../../test/helpers/engine.ts";
import { endNow } from "../../test/helpers/interruptible.ts";
import { eventually, runProcesses } from "../../test/helpers/processes.ts";
import { keepProcess } from "../ask-process.ts";
import { ours, pendingActions } from "../engine/programs.ts";
import { quantile } from "../rounds.ts";
import type { ApplyTask } from "./apply-process.ts";

/** The time until the first cancel request reaches the API. */
export interface FirstRequestResult {
    readonly from: "start of up" | "yes of apply";
    readonly cancellations: number;
    /** Median, milliseconds. */
    readonly ms: number;
    readonly fewestMs: number;
    readonly maxMs: number;
    /** The requests between that start and the first cancel request. */
    readonly requestsBefore: number;
}

interface First {
    readonly ms: number;
    readonly requestsBefore: number;
}

/** One set of each size, under the API's usual limits; each run is stopped after the first request. */
export async function* measureFirstRequest(
    sizes: readonly number[],
    rounds: number,
): AsyncGenerator<FirstRequestResult> {
    const ways = { "start of up": firstOfUp, "yes of apply": firstOfApply } as const;
    for (const [from, measure] of Object.entries(ways) as [keyof typeof ways, typeof firstOfUp][]) {
        for (const size of sizes) {
            const found: First[] = [];
            // Before several rounds, one more warms the disk's cache and is not counted; a single round is a trial.
            const warmUps = rounds > 1 ? 1 : 0;
            for (let round = 0; round < warmUps + rounds; round++) {
                found.push(await measure(size));
            }
            const counted = found.slice(warmUps);
            const times = counted.map(({ ms }) => ms);
            yield {
                from,
                cancellations: size,
                ms: quantile(times, 0.5),
                fewestMs: Math.min(...times),
                maxMs: Math.max(...times),
                requestsBefore: quantile(
                    counted.map((one) => one.requestsBefore),
                    0.5,
                ),
            };
        }
    }
}

async function firstOfUp(size: number): Promise<First> {
    const actions = pendingActions(size);
    await using simulator = await startSimulator({ actions });
    const engine = await startEngine({
        declarations: () => ours("one set", actions),
        environment: { DEFENDER_API_URL: simulator.url, DEFENDER_ACCESS_TOKEN: "bench-token" },
    });
    try {
        const began = Date.now();
        const running = engine.up();
        const first = await firstCancel(simulator);
        for (const { pid } of runProcesses(engine.folder).all) {
            endNow(pid);
        }
        await running;
        return since(began, first, simulator);
    } finally {
        await engine.dispose();
    }
}

async function firstOfApply(size: number): Promise<First> {
    const actions = pendingActions(size);
    await using simulator = await startSimulator({ actions });
    const folder = await mkdtemp(join(tmpdir(), "defender-first-request-"));
    try {
        const entries = actions.map(({ id }) => `    - machineActionId: ${id}\n`).join("");
        const head = `version: 1\ncomment: INC-4711\nmaxCancellations: ${Math.max(size, 100)}\ncancellations:\n`;
        await writeFile(join(folder, "incident.yaml"), head + entries);
        const program = new URL("./apply-process.ts", import.meta.url);
        const env = { DEFENDER_API_URL: simulator.url, DEFENDER_ACCESS_TOKEN: "bench-token", XDG_CACHE_HOME: folder };
        const task = { folder, file: "incident.yaml" };
        await using child = await keepProcess<ApplyTask, number>(program, task, { env });
        return since(child.answer, await firstCancel(simulator), simulator);
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
}

async function firstCancel({ requests }: Simulator): Promise<RecordedRequest> {
    const found = () => requests.find(({ operation }) => operation === "cancel");
    await eventually(() => found() !== undefined, 120_000, "a cancel request");
    const first = found();
    if (first === undefined) {
        throw new Error("no cancel request came");
    }
    return first;
}

function since(began: number, first: RecordedRequest, { requests }: Simulator): First {
    const before = requests.slice(0, requests.indexOf(first)).filter(({ at }) => at >= began);
    return { ms: first.at - began, requestsBefore: before.length };
}
