import { statSync } from "node:fs";
import { join } from "node:path";
import { type RecordedRequest, startSimulator } from "../../simulator/index.ts";
import { type Declaration, type EngineRun, startEngine } from "../../test/helpers/engine.ts";
import { apiTime } from "./api-time.ts";
import type { Sample } from "./idle-provider.ts";
import { watchMemory } from "./peak-memory.ts";

/** The commands that are timed, in this order. */
export const commands = ["preview", "up", "empty up", "refresh"] as const;
export type Command = (typeof commands)[number];

/** The measurements of one stack, from its first preview to its refresh. */
export interface StackRun {
    /** Milliseconds, from the start of the CLI to its end. */
    readonly times: Readonly<Record<Command, number>>;
    /** The part of the first up that is the API's own time. */
    readonly apiMs: number;
    readonly calls: Readonly<Record<Command, number>>;
    readonly stateBytes: number;
    readonly peakMb: number | undefined;
    /** The outputs of its first resource. */
    readonly sample: Sample | undefined;
}

/** An action to be declared. */
export interface DeclaredAction {
    readonly id: string;
    readonly computerDnsName: string;
}

/** Runs a program once on a stack of its own, against a simulator that has the actions and no quota. */
export async function runStack(
    actions: readonly DeclaredAction[],
    declarations: readonly Declaration[],
): Promise<StackRun> {
    await using simulator = await startSimulator({ actions });
    const engine = await startEngine({
        declarations: () => declarations,
        environment: {
            DEFENDER_API_URL: simulator.url,
            DEFENDER_ACCESS_TOKEN: "bench-token",
            DEFENDER_REQUESTS_PER_MINUTE: "1000000",
            DEFENDER_REQUESTS_PER_HOUR: "1000000",
        },
    });
    try {
        using memory = watchMemory(engine.folder);
        const times = { preview: 0, up: 0, "empty up": 0, refresh: 0 };
        const calls = { ...times };
        let sent: readonly RecordedRequest[] = [];
        const run = async (command: Command, work: () => Promise<EngineRun>) => {
            simulator.clearRequests();
            const start = performance.now();
            const { failed, output } = await work();
            times[command] = performance.now() - start;
            if (failed) {
                throw new Error(`${command} failed:\n${output}`);
            }
            calls[command] = simulator.requests.length;
            sent = command === "up" ? [...simulator.requests] : sent;
        };
        await run("preview", () => engine.preview());
        await run("up", () => engine.up());
        await run("empty up", () => engine.up());
        await run("refresh", () => engine.refresh());
        const [first] = await engine.resources();
        return {
            times,
            apiMs: await apiTime(actions, sent),
            calls,
            stateBytes: statSync(join(engine.folder, ".pulumi/stacks/incident/test.json")).size,
            peakMb: memory.peakMb,
            sample: first?.outputs,
        };
    } finally {
        await engine.dispose();
    }
}
