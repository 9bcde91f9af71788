import { quantile } from "../rounds.ts";
import type { Kind } from "./programs.ts";
import type { Command, StackRun } from "./stack-run.ts";

/** How long a command takes on the real engine, without a quota. */
export interface EngineResult {
    readonly program: Kind;
    readonly cancellations: number;
    readonly command: Command;
    /** Divided by the time with a lifecycle that does nothing: median of the ratios within a round. */
    readonly overIdle: number;
    /** The same ratio, without the time that the same requests take a bare client. */
    readonly overIdleWithoutApi: number;
    /** Divided by the time of a program that declares nothing. */
    readonly overEmpty: number;
    /** Medians, in milliseconds. */
    readonly ms: number;
    readonly idleMs: number;
    readonly emptyMs: number;
    readonly apiMs: number;
    readonly calls: number;
}

/** The state that a program leaves behind, and the memory that it needs. */
export interface SizeResult {
    readonly program: Kind;
    readonly cancellations: number;
    readonly stateBytes: number;
    /** The peak memory of the largest plugin process, in MB; undefined if it cannot be read. */
    readonly peakMb: number | undefined;
    readonly idlePeakMb: number | undefined;
}

/** The same program on three stacks. */
export interface Round {
    readonly empty: StackRun;
    readonly real: StackRun;
    readonly idle: StackRun;
}

/** The summary of all rounds of one command. */
export function timesOf(
    program: Kind,
    cancellations: number,
    command: Command,
    rounds: readonly Round[],
): EngineResult {
    const median = (of: (round: Round) => number) => quantile(rounds.map(of), 0.5);
    // Only the requests of up are sent again.
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

/** The summary of all rounds of one program. */
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
