import { momentOf } from "../../provider/system/clock.ts";

/** How far the clocks of two runners, or of a runner and the API, may differ, in milliseconds. */
export const clockSkewMs: number = 5 * 60_000;

/**
 * In tests, the API's own times differed by up to 0.8 s between two reads. A set stores these times in milliseconds.
 */
export const shiftMs: number = 1_000;

/** A time of Defender or of a record in milliseconds since the epoch; undefined if it is missing or unset. */
export function timeOf(text: string | undefined): number | undefined {
    const at = momentOf(text);
    return Number.isNaN(at) ? undefined : at;
}

/** Whether two times are at most this far apart. False if one of them is missing. */
export function isNear(one: string | undefined, other: string | undefined, milliseconds: number): boolean {
    const [first, second] = [timeOf(one), timeOf(other)];
    return first !== undefined && second !== undefined && Math.abs(first - second) <= milliseconds;
}
