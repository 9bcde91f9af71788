import { quantile } from "../rounds.ts";
import type { Kind } from "./programs.ts";
import type { Command, StackRun } from "./stack-run.ts";

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

/** The same program on three stacks. */
export interface Round {
    readonly empty: StackRun;
    readonly real: StackRun;
    readonly idle: StackRun;
}

/** What all rounds of one command came to. */
export function timesOf(
    program: Kind,
    cancellations: number,
    command: Command,
    rounds: readonly Round[],
): EngineResult {
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

/** What all rounds of one program came to. */
export function sizeOf(program: Kind, cancellations: number, rounds: readonly Round[]): SizeResult {
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
