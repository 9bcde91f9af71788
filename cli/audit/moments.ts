/** How far the clocks of a runner and of the API may differ, in milliseconds. */
export const clockSkewMs: number = 5 * 60_000;

/**
 * An earlier time is not a real one: machine actions did not exist then, and .NET writes an unset time as the year 1.
 */
const earliest = Date.parse("2000-01-01T00:00:00Z");

/** A time of Defender or of a record in milliseconds since the epoch; undefined if it is missing or unset. */
export function timeOf(text: string | undefined): number | undefined {
    const at = Date.parse(text ?? "");
    return at >= earliest ? at : undefined;
}

/** Whether two times are at most this far apart. False if one of them is missing. */
export function isNear(one: string | undefined, other: string | undefined, milliseconds: number): boolean {
    const [first, second] = [timeOf(one), timeOf(other)];
    return first !== undefined && second !== undefined && Math.abs(first - second) <= milliseconds;
}
