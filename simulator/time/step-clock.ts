/** A clock that stands still until it is advanced. */
export interface StepClock {
    /** Milliseconds since the epoch. */
    now(): number;
    /** Resolves when the clock has been advanced by this many milliseconds. */
    sleep(milliseconds: number): Promise<void>;
    /** Ends the sleeps that are over by then, in order. Throws when the number is not positive. */
    advance(milliseconds: number): void;
}

/** A clock that shows `time` (ms since the epoch). */
export function createStepClock(time: number): StepClock {
    let now = time;
    let sleepers: { readonly until: number; readonly wake: () => void }[] = [];
    return {
        now: () => now,
        sleep: (milliseconds) =>
            new Promise((wake) => {
                sleepers.push({ until: now + milliseconds, wake });
            }),
        advance(milliseconds) {
            if (!Number.isFinite(milliseconds) || milliseconds <= 0) {
                throw new RangeError(`Time can be advanced by a positive number of milliseconds, not ${milliseconds}.`);
            }
            now += milliseconds;
            const due = sleepers.filter(({ until }) => until <= now).sort((a, b) => a.until - b.until);
            sleepers = sleepers.filter(({ until }) => until > now);
            for (const { wake } of due) {
                wake();
            }
        },
    };
}
