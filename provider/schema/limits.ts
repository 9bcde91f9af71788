/**
 * All defaults and limits of a declaration. Inputs, declaration files, their JSON Schema and the command line use them.
 * Tests compare the doc comments and the pages of the documentation with them.
 */

/** The values of inputs that a declaration does not set. */
export const defaults = {
    ifAlreadyFinal: "fail",
    onReissue: "drift",
    reissueWindowHours: 72,
    confirmWithinSeconds: 300,
    maxCancellations: 100,
} as const;

/** The largest values that a declaration may set. */
export const limits = {
    /** A leap year. */
    reissueWindowHours: 8_784,
    /** A day. */
    confirmWithinSeconds: 86_400,
    /** Entries of one set. With more entries, a partial failure would exceed the size that the engine accepts. */
    maxCancellations: 5_000,
} as const;

/** The maximum size of a set's list as JSON, in bytes. A refresh passes it to the engine together with the results. */
export const maxListBytes = 4_000_000;

/** The maximum size of a declaration file, in bytes. 5,000 entries take 2 MB. */
export const maxFileBytes = 16_000_000;

/** How many hours ahead `declare` sets `notAfter` if the command line does not set it. */
export const defaultNotAfterHours = 4;

/** The allowed range of each number in a declaration, as text for a message. */
export const expectedHours: string = numberUpTo(limits.reissueWindowHours, "hours");
export const expectedSeconds: string = numberUpTo(limits.confirmWithinSeconds, "seconds");
export const expectedCount: string = `a whole number from 1 to ${limits.maxCancellations}`;

function numberUpTo(max: number, unit: string): string {
    return `a number of ${unit}, more than 0 and at most ${max}`;
}
