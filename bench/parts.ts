import { measureCalls, measureConditions } from "./calls/calls.ts";
import { measureCpu } from "./cpu/cpu.ts";
import { measureEngine } from "./engine/engine.ts";
import { measureFirstRequest } from "./first-request/first-request.ts";
import { measureHeap } from "./heap/heap.ts";
import { measureLost } from "./lost/lost.ts";
import { measureInRounds } from "./rounds.ts";
import { startUp } from "./start-up.ts";
import { shown, table } from "./table.ts";

/** The extent of the measurements. */
export interface Extent {
    readonly rounds: number;
    readonly engineRounds: number;
    /** The number of fleets of each kind. */
    readonly seeds: number;
    /** The root of another checkout whose package is measured too, in pairs. */
    readonly against?: string;
    /** The size of the largest fleet. */
    readonly largest: number;
}

/** The results of a part, for programs and for people. */
export interface Findings {
    readonly results: unknown;
    readonly text: string;
}

export const partNames = ["lost", "calls", "first-request", "engine", "cpu", "heap", "start-up"] as const;
export type PartName = (typeof partNames)[number];

export const parts: Readonly<Record<PartName, (extent: Extent) => Promise<Findings>>> = {
    async lost({ largest, seeds }) {
        const results = await Array.fromAsync(measureLost(upTo(largest, [200, 1_000, 5_000]), seeds));
        const rows = results.map((row) => [
            row.returns,
            shown(row.cancellations),
            row.way,
            shown(row.lost),
            `${shown(row.from)} to ${shown(row.to)}`,
            shown(row.overNewestFirst, 2),
            shown(row.overShellLoop, 2),
            shown(row.seconds),
        ]);
        const head = ["machines", "N", "cancelled by", "lost", "of all seeds", "/ newest", "/ loop", "seconds"];
        return { results, text: table(head, rows) };
    },

    async calls({ largest }) {
        const results = await Array.fromAsync(measureCalls(upTo(largest, [1, 10, 100, 1_000, 5_000])));
        const rows = results.map((row) => [
            shown(row.cancellations),
            row.way,
            shown(row.callsPerCancellation, 2),
            shown(row.timeOverBound, 3),
            shown(row.calls),
            shown(row.refused),
            shown(row.seconds, 1),
            shown(row.boundSeconds),
        ]);
        const head = ["N", "cancelled by", "calls / N", "time / bound", "calls", "refused", "seconds", "bound"];
        const sets = await Array.fromAsync(measureConditions(Math.max(...upTo(largest, [10, 100, 1_000]))));
        const setRows = sets.map((row) => [
            shown(row.cancellations),
            row.condition,
            shown(row.callsPerCancellation, 3),
            shown(row.timeOverBound, 3),
            shown(row.calls),
            shown(row.seconds, 1),
        ]);
        const setHead = ["N", "one set, with", "calls / N", "time / bound", "calls", "seconds"];
        return {
            results: { ways: results, conditions: sets },
            text: `${table(head, rows)}\n\n${table(setHead, setRows)}`,
        };
    },

    async "first-request"({ largest, engineRounds }) {
        const results = await Array.fromAsync(measureFirstRequest(upTo(largest, [1, 100, 1_000]), engineRounds));
        const rows = results.map((row) => [
            row.from,
            shown(row.cancellations),
            shown(row.ms),
            `${shown(row.fewestMs)} to ${shown(row.maxMs)}`,
            shown(row.requestsBefore),
        ]);
        return { results, text: table(["from the", "N", "ms", "all rounds", "requests before"], rows) };
    },

    async cpu({ largest, rounds, against }) {
        const sizes = upTo(largest, [100, 1_000]);
        const results = [await measureCpu(Math.max(...sizes), rounds, against)];
        const rows = results.map(({ cancellations, createMs, processMs, against: other, ratio }) => [
            shown(cancellations),
            shown(createMs),
            shown(processMs),
            shown(other?.createMs),
            shown(other?.processMs),
            shown(ratio?.median, 2),
            ratio === undefined ? "" : `${shown(ratio.from, 2)} to ${shown(ratio.to, 2)}`,
        ]);
        const head = ["N", "create ms", "process ms", "other's create", "process", "create / other's", "middle half"];
        return { results, text: table(head, rows) };
    },

    async engine({ largest, engineRounds }) {
        const [sets, singles] = [upTo(largest, [1, 100, 1_000]), upTo(largest, [1, 100])];
        const sizes = {
            "one set": sets,
            "one set, plugin": sets,
            "single resources": singles,
            "single resources, plugin": singles,
        };
        const results = await measureEngine({ sizes, rounds: engineRounds });
        const times = results.times.map((row) => [
            row.program,
            shown(row.cancellations),
            row.command,
            shown(row.overIdle, 2),
            row.command === "up" ? shown(row.overIdleWithoutApi, 2) : "",
            shown(row.overEmpty, 2),
            shown(row.ms),
            shown(row.idleMs),
            shown(row.emptyMs),
            row.command === "up" ? shown(row.apiMs) : "",
            shown(row.calls),
        ]);
        const head = [
            "program",
            "N",
            "command",
            "/ idle",
            "without API",
            "/ empty",
            "ms",
            "idle",
            "empty",
            "API",
            "calls",
        ];
        const needs = results.sizes.map((row) => [
            row.program,
            shown(row.cancellations),
            shown(
                row.peakMb !== undefined && row.idlePeakMb !== undefined ? row.peakMb / row.idlePeakMb : undefined,
                2,
            ),
            shown(row.peakMb),
            shown(row.idlePeakMb),
            shown(row.stateBytes / row.cancellations),
            shown(row.stateBytes),
        ]);
        const needsHead = ["program", "N", "peak / idle", "peak MB", "idle MB", "state bytes / N", "state bytes"];
        return { results, text: `${table(head, times)}\n\n${table(needsHead, needs)}` };
    },

    async heap({ largest }) {
        const results = await Array.fromAsync(measureHeap(upTo(largest, [100, 1_000, 5_000])));
        const rows = results.map((row) => [
            shown(row.cancellations),
            shown(row.keptBytesPerCancellation),
            shown(row.peakBytesPerCancellation),
        ]);
        return { results, text: table(["N", "kept bytes / N", "peak bytes / N"], rows) };
    },

    async "start-up"({ rounds }) {
        const results = await measureInRounds(startUp, rounds);
        const rows = results.map(({ name, ms, from, to, ratio, against = "" }) => [
            name,
            shown(ratio, 2),
            against,
            shown(ms),
            `${shown(from)} to ${shown(to)}`,
        ]);
        return { results, text: table(["start-up", "ratio", "to", "ms", "middle half"], rows) };
    },
};

/** The sizes up to the largest; always at least the smallest size. */
function upTo(largest: number, sizes: readonly number[]): number[] {
    return sizes.filter((size, index) => index === 0 || size <= largest);
}
