import { z } from "zod";
import { type Clock, systemClock } from "../clock.ts";
import { readReplaced, replaceFile, whileLocked } from "../file-lock.ts";

/** Counts the cancel requests of a run against `maxPerRun`. */
export interface RunCount {
    /** Takes a place, unless `most` are taken. Rejects where the count cannot be kept. */
    take(most: number): Promise<boolean>;
    /** Gives a place back that nothing was sent for. */
    giveBack(): Promise<void>;
}

/** Counts for whoever has it. */
export function memoryCount(): RunCount {
    let taken = 0;
    return {
        async take(most) {
            const isFree = taken < most;
            taken += isFree ? 1 : 0;
            return isFree;
        },
        async giveBack() {
            taken--;
        },
    };
}

// On globalThis: two copies of the package in one process count together.
const countKey = Symbol.for("pulumi-defender-cancellation/run-count");
const shared = globalThis as { [countKey]?: RunCount };

/** Counts for all of this process. */
export function processCount(): RunCount {
    shared[countKey] ??= memoryCount();
    return shared[countKey];
}

/** A run that has sent nothing for so long is over, in milliseconds. */
const longestRunMs = 24 * 3_600_000;

const version = 1;

const schema = z.object({
    version: z.literal(version),
    runs: z.record(z.string(), z.object({ taken: z.int().min(0), at: z.number() })),
});

type Runs = z.infer<typeof schema>["runs"];

/**
 * Counts in a file that all processes of a run share: every explicit provider has a process of its own, and many
 * providers must not make many limits. `run`: what tells one run from another.
 */
export function fileCount(path: string, run: string, clock: Pick<Clock, "now"> = systemClock): RunCount {
    function change(by: (taken: number) => number | undefined): Promise<boolean> {
        return whileLocked(path, () => {
            const now = clock.now();
            const alive = Object.entries(read(path)).filter(([, { at }]) => Math.abs(now - at) < longestRunMs);
            const runs: Runs = Object.fromEntries(alive);
            const taken = by(runs[run]?.taken ?? 0);
            if (taken === undefined) {
                return false;
            }
            replaceFile(path, JSON.stringify({ version, runs: { ...runs, [run]: { taken, at: now } } }));
            return true;
        });
    }
    return {
        take: (most) => change((taken) => (taken < most ? taken + 1 : undefined)),
        async giveBack() {
            await change((taken) => Math.max(0, taken - 1));
        },
    };
}

/** A file that is not there yet holds no run; one that cannot be read, or understood, must not count as none. */
function read(path: string): Runs {
    const text = readReplaced(path);
    if (text === undefined) {
        return {};
    }
    const parsed = schema.safeParse(parseJson(text));
    if (!parsed.success) {
        throw new Error(`${path} is damaged: remove it when no run is under way`);
    }
    return parsed.data.runs;
}

function parseJson(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}
