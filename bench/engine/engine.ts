import { idle, type Kind, ours, pendingActions } from "./programs.ts";
import { commands, runStack, type StackRun } from "./stack-run.ts";
import { type EngineResult, type Round, type SizeResult, sizeOf, timesOf } from "./summary.ts";

export interface EnginePlan {
    readonly sizes: Readonly<Record<Kind, readonly number[]>>;
    readonly rounds: number;
}

/** Runs each program and its stand-in in turn, round by round, after a small run that warms the disk's cache. */
export async function measureEngine({ sizes, rounds }: EnginePlan): Promise<{
    readonly times: EngineResult[];
    readonly sizes: SizeResult[];
}> {
    const programs = (Object.keys(sizes) as Kind[]).flatMap((kind) => sizes[kind].map((size) => ({ kind, size })));
    const samples = new Map<Kind, StackRun["sample"]>();
    for (const kind of new Set(programs.map((program) => program.kind))) {
        const actions = pendingActions(1);
        samples.set(kind, (await runStack(actions, ours(kind, actions))).sample);
    }
    const seen = new Map(programs.map((program) => [program, [] as Round[]]));
    for (let round = 0; round < rounds; round++) {
        const empty = await runStack([], []);
        for (const program of programs) {
            const actions = pendingActions(program.size);
            const real = await runStack(actions, ours(program.kind, actions));
            const standIn = idle(program.kind, actions, samples.get(program.kind) ?? {});
            seen.get(program)?.push({ empty, real, idle: await runStack(actions, standIn) });
        }
    }
    return {
        times: programs.flatMap((program) =>
            commands.map((command) => timesOf(program.kind, program.size, command, seen.get(program) ?? [])),
        ),
        sizes: programs.map((program) => sizeOf(program.kind, program.size, seen.get(program) ?? [])),
    };
}
