/** Steps that are planned for certain times. No step runs by itself: the owner of the clock calls `runUntil`. */
export interface Agenda {
    /** Plans a step for a time (ms since the epoch); the returned function removes it from the agenda. */
    plan(time: number, step: (time: number) => void): () => void;
    /**
     * Runs, in order, all steps planned up to and including that time, also those that are planned by a step that runs.
     */
    runUntil(time: number): void;
}

export function createAgenda(): Agenda {
    const entries: { time: number; step: (time: number) => void }[] = [];

    /** The index behind all steps that are planned for that time or an earlier one. */
    function placeOf(time: number): number {
        let [from, to] = [0, entries.length];
        while (from < to) {
            const middle = (from + to) >>> 1;
            if ((entries[middle]?.time ?? time) <= time) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        return from;
    }

    return {
        plan(time, step) {
            const entry = { time, step };
            entries.splice(placeOf(time), 0, entry);
            return () => {
                const index = entries.indexOf(entry);
                if (index >= 0) {
                    entries.splice(index, 1);
                }
            };
        },
        runUntil(time) {
            for (let next = entries[0]; next !== undefined && next.time <= time; next = entries[0]) {
                entries.shift();
                next.step(next.time);
            }
        },
    };
}
