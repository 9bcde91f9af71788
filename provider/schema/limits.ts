/**
 * Each default and each limit of a declaration, once. Inputs, declaration files, their JSON Schema and the command line
 * take them from here; the doc comments and the pages of the documentation are tested against them.
 */

/** What holds where a declaration does not say. */
export const defaults = {
    ifAlreadyFinal: "fail",
    onReissue: "drift",
    reissueWindowHours: 72,
    confirmWithinSeconds: 300,
    maxCancellations: 100,
} as const;

/** The largest value that a declaration may give. */
export const limits = {
    /** A leap year. */
    reissueWindowHours: 8_784,
    /** A day. */
    confirmWithinSeconds: 86_400,
    /** Entries of one set. More would not fit into what the engine takes back from a partial failure. */
    maxCancellations: 5_000,
} as const;

/** How long the list of a set may be as JSON, in bytes: a refresh hands it to the engine beside the results. */
export const maxListBytes = 4_000_000;

/** How long a declaration file may be, in bytes: 5,000 entries take 2 MB. */
export const maxFileBytes = 16_000_000;

/** How long after `declare` the `notAfter` of a declaration lies where the command line does not say, in hours. */
export const defaultNotAfterHours = 4;

/** What a number of the declaration may be, in words. */
export const expectedHours: string = numberUpTo(limits.reissueWindowHours, "hours");
export const expectedSeconds: string = numberUpTo(limits.confirmWithinSeconds, "seconds");
export const expectedCount: string = `a whole number from 1 to ${limits.maxCancellations}`;

function numberUpTo(max: number, unit: string): string {
    return `a number of ${unit}, more than 0 and at most ${max}`;
}
