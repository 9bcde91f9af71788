import { ticksOf } from "../actions/machine-action.ts";

/**
 * Returns time stamps, in ticks of 100 ns, for times in ms. No two stamps are equal, so that a later event has a later
 * stamp even on a clock that does not advance.
 */
export function createStamps(): (time: number) => bigint {
    let last = 0n;
    return (time) => {
        const ticks = ticksOf(time);
        last = ticks > last ? ticks : last + 1n;
        return last;
    };
}
