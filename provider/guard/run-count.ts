import { setImmediate as immediate } from "node:timers/promises";
import { z } from "zod";
import { type Clock, systemClock } from "../system/clock.ts";
import { whileLocked } from "../system/shared-file/file-lock.ts";
import { readReplaced, replaceFile } from "../system/shared-file/private-file.ts";

/** Places that are taken one by one. */
export interface PlaceCount {
    /**
     * Takes a place, unless `most` are taken. Rejects where the count cannot be kept. `before`: how many places are
     * taken before the first call; later calls ignore it.
     */
    take(most: number, before?: number): Promise<boolean>;
    /** Returns a place for which nothing was sent. */
    giveBack(): Promise<void>;
}

/** Counts the cancel requests of a run against `maxPerRun`. */
export interface RunCount extends PlaceCount {
    /** Counts them against `maxPerDay`, because each provider of a run reads the list of the day by itself. */
    readonly day: PlaceCount;
}

function memoryPlaces(): PlaceCount {
    let taken: number | undefined;
    return {
        async take(most, before = 0) {
            const now = taken ?? before;
            const isFree = now < most;
            taken = isFree ? now + 1 : taken;
            return isFree;
        },
        async giveBack() {
            taken = Math.max(0, (taken ?? 0) - 1);
        },
    };
}

/** Counts only for the caller. */
export function memoryCount(): RunCount {
    return { ...memoryPlaces(), day: memoryPlaces() };
}

// On globalThis, so that two copies of the package in one process count together.
const countKey = Symbol.for("pulumi-defender-cancellation/run-counts");
const shared = globalThis as { [countKey]?: RunCount };

/** Counts for the whole process. */
export function processCount(): RunCount {
    shared[countKey] ??= memoryCount();
    return shared[countKey];
}

/** A run that has taken no place for this long is over, in milliseconds. */
const maxRunMs = 24 * 3_600_000;

const version = 1;

const schema = z.object({
    version: z.literal(version),
    runs: z.record(z.string(), z.object({ taken: z.int().min(0), at: z.number() })),
});

type Runs = z.infer<typeof schema>["runs"];

/** A caller's request to take a place, unless `most` are taken, or to return one (`most` is undefined). */
interface Wish {
    readonly most: number | undefined;
    readonly before: number;
    readonly done: PromiseWithResolvers<boolean>;
}

/**
 * Counts in a file that all processes of a run share. Every explicit provider has a process of its own, and many
 * providers must not multiply the limit. `run`: identifies the run. Requests of the same moment share one locked write,
 * and are served in the order of the calls.
 */
export function fileCount(path: string, run: string, clock: Pick<Clock, "now"> = systemClock): RunCount {
    return { ...filePlaces(path, run, clock), day: filePlaces(path, `${run}-day`, clock) };
}

function filePlaces(path: string, run: string, clock: Pick<Clock, "now">): PlaceCount {
    const wishes: Wish[] = [];
    let isServing = false;
    /** Whether this process has read the count: then it belongs to this run, even if the clock was set. */
    let hasCounted = false;
    let hasWritten = false;

    async function serve(): Promise<void> {
        isServing = true;
        // Requests of the same moment share one write.
        await immediate();
        while (wishes.length > 0) {
            let served: readonly Wish[] = [];
            try {
                const granted = await whileLocked(path, () => {
                    served = wishes.splice(0);
                    return grant(served);
                });
                for (const [index, { done }] of served.entries()) {
                    done.resolve(granted[index] ?? false);
                }
            } catch (error) {
                // Without the lock, none of the waiting requests was served: all of them fail.
                for (const { done } of served.length > 0 ? served : wishes.splice(0)) {
                    done.reject(error);
                }
            }
        }
        isServing = false;
    }

    function grant(served: readonly Wish[]): boolean[] {
        const now = clock.now();
        const runs = Object.fromEntries(
            Object.entries(read(path)).filter(
                ([name, { at }]) => (hasCounted && name === run) || Math.abs(now - at) < maxRunMs,
            ),
        );
        const known = runs[run]?.taken;
        if (known === undefined && hasWritten) {
            throw new Error(`${path} has lost the count of this run: the file was removed or replaced during the run`);
        }
        let taken = known ?? served[0]?.before ?? 0;
        const granted = served.map(({ most }) => {
            const isFree = most === undefined || taken < most;
            taken = most === undefined ? Math.max(0, taken - 1) : taken + (isFree ? 1 : 0);
            return isFree;
        });
        if (granted.includes(true)) {
            replaceFile(path, JSON.stringify({ version, runs: { ...runs, [run]: { taken, at: now } } satisfies Runs }));
        }
        hasWritten ||= granted.includes(true);
        hasCounted = true;
        return granted;
    }

    function ask(most: number | undefined, before = 0): Promise<boolean> {
        const done = Promise.withResolvers<boolean>();
        wishes.push({ most, before, done });
        if (!isServing) {
            void serve();
        }
        return done.promise;
    }

    return {
        take: ask,
        async giveBack() {
            await ask(undefined);
        },
    };
}

/** A missing file holds no run. A file that cannot be read or parsed must not count as empty, so it throws. */
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
