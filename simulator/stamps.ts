import { ticksOf } from "./machine-action.ts";

/**
 * Stamps for a time in ms, in ticks of 100 ns. No two are equal, so that what happened later also reads as later on a
 * clock that stands still.
 */
export function createStamps(): (time: number) => bigint {
    let last = 0n;
    return (time) => {
        const ticks = ticksOf(time);
        last = ticks > last ? ticks : last + 1n;
        return last;
    };
}
