/** Steps that are planned for certain times. No step runs by itself: the owner of the clock calls `runUntil`. */
export interface Agenda {
    /**
     * When something is due that takes `delayMs` from a time on (ms since the epoch). This is the one place that knows
     * the speed: all that actions and machines do by themselves comes that many times as fast, from the agenda's
     * beginning on. The clock itself is not faster, so quotas, tokens and the times that clients see are real.
     */
    dueAt(from: number, delayMs: number): number;
    /** Plans a step for a time (ms since the epoch); the returned function removes it from the agenda. */
    plan(time: number, step: (time: number) => void): () => void;
    /** Plans a step for when `delayMs` from a time on are over, as {@link dueAt} has it. */
    after(from: number, delayMs: number, step: (time: number) => void): () => void;
    /**
     * Runs, in order, all steps planned up to and including that time, also those that are planned by a step that runs.
     */
    runUntil(time: number): void;
}

interface Entry {
    readonly time: number;
    /** The number of steps that were planned before this one. */
    readonly nth: number;
    readonly step: (time: number) => void;
}

/** `beginning` (ms since the epoch): what was due before was never faster. */
export function createAgenda({ speed = 1, beginning = 0 }: { speed?: number; beginning?: number } = {}): Agenda {
    const entries: Entry[] = [];
    let planned = 0;

    /** The index of the first entry that comes after this one, or that is this one. */
    function placeOf({ time, nth }: Pick<Entry, "time" | "nth">): number {
        let [from, to] = [0, entries.length];
        while (from < to) {
            const middle = (from + to) >>> 1;
            const there = entries[middle];
            if (there !== undefined && (there.time < time || (there.time === time && there.nth < nth))) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        return from;
    }

    function dueAt(from: number, delayMs: number): number {
        const unhurried = Math.min(Math.max(beginning - from, 0), delayMs);
        return from + unhurried + (delayMs - unhurried) / speed;
    }

    function plan(time: number, step: (time: number) => void): () => void {
        const entry = { time, nth: planned++, step };
        entries.splice(placeOf(entry), 0, entry);
        return () => {
            const place = placeOf(entry);
            if (entries[place] === entry) {
                entries.splice(place, 1);
            }
        };
    }

    return {
        dueAt,
        plan,
        after: (from, delayMs, step) => plan(dueAt(from, delayMs), step),
        runUntil(time) {
            for (let next = entries[0]; next !== undefined && next.time <= time; next = entries[0]) {
                entries.shift();
                next.step(next.time);
            }
        },
    };
}
