/**
 * A key for a time in the API's form, in UTC without trailing zeros. Keys sort as their times do. The texts of the times
 * do not: `47Z` sorts after `47.29Z`.
 */
export function timeKey(time: string): string {
    // A year after 9999 is written with a plus sign, which sorts before all digits. A colon sorts after them.
    return time.startsWith("+") ? `:${time.slice(1, -1)}` : time.slice(0, -1);
}

/** How two times in the API's form compare. */
export function compareTimes(a: string, b: string): number {
    const [one, other] = [timeKey(a), timeKey(b)];
    return one < other ? -1 : one > other ? 1 : 0;
}
