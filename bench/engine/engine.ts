import { quantile } from "../rounds.ts";
import { idle, type Kind, ours, pendingActions } from "./programs.ts";
import { type Command, commands, runStack, type StackRun } from "./stack-run.ts";

/** How long a command of the real engine takes, without a quota. */
export interface EngineResult {
    readonly program: Kind;
    readonly cancellations: number;
    readonly command: Command;
    /** Over the same with a lifecycle that does nothing: medians of the ratios within a round. */
    readonly overIdle: number;
    /** That, without the time that the same requests take a bare client. */
    readonly overIdleWithoutApi: number;
    /** Over a program that declares nothing. */
    readonly overEmpty: number;
    /** Medians, in milliseconds. */
    readonly ms: number;
    readonly idleMs: number;
    readonly emptyMs: number;
    readonly apiMs: number;
    readonly calls: number;
}

/** What a program leaves behind and needs. */
export interface SizeResult {
    readonly program: Kind;
    readonly cancellations: number;
    readonly stateBytes: number;
    /** The largest plugin process, in MB; undefined where that cannot be seen. */
    readonly peakMb: number | undefined;
    readonly idlePeakMb: number | undefined;
}

export interface EnginePlan {
    readonly sizes: Readonly<Record<Kind, readonly number[]>>;
    readonly rounds: number;
}

interface Round {
    readonly empty: StackRun;
    readonly real: StackRun;
    readonly idle: StackRun;
}

/** Runs each program and its stand-in in turn, round by round, after a small one that warms the disk's cache. */
export async function measureEngine({ sizes, rounds }: EnginePlan): Promise<{
    readonly times: EngineResult[];
    readonly sizes: SizeResult[];
}> {
    const programs = (Object.keys(sizes) as Kind[]).flatMap((kind) => sizes[kind].map((size) => ({ kind, size })));
    const samples = new Map<Kind, StackRun["sample"]>();
    for (const kind of Object.keys(sizes) as Kind[]) {
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

function timesOf(program: Kind, cancellations: number, command: Command, rounds: readonly Round[]): EngineResult {
    const median = (of: (round: Round) => number) => quantile(rounds.map(of), 0.5);
    // Only what up asks is sent again.
    const api = ({ real }: Round) => (command === "up" ? real.apiMs : 0);
    return {
        program,
        cancellations,
        command,
        overIdle: median((round) => round.real.times[command] / round.idle.times[command]),
        overIdleWithoutApi: median((round) => (round.real.times[command] - api(round)) / round.idle.times[command]),
        overEmpty: median((round) => round.real.times[command] / round.empty.times[command]),
        ms: median((round) => round.real.times[command]),
        idleMs: median((round) => round.idle.times[command]),
        emptyMs: median((round) => round.empty.times[command]),
        apiMs: median(api),
        calls: median(({ real }) => real.calls[command]),
    };
}

function sizeOf(program: Kind, cancellations: number, rounds: readonly Round[]): SizeResult {
    const medianSeen = (of: (round: Round) => number | undefined) => {
        const values = rounds.flatMap((round) => of(round) ?? []);
        return values.length > 0 ? quantile(values, 0.5) : undefined;
    };
    return {
        program,
        cancellations,
        stateBytes: quantile(
            rounds.map(({ real }) => real.stateBytes),
            0.5,
        ),
        peakMb: medianSeen(({ real }) => real.peakMb),
        idlePeakMb: medianSeen((round) => round.idle.peakMb),
    };
}
