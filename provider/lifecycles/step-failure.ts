/** What the engine is to store although the step failed. */
export interface KeptState {
    readonly id: string;
    /** All properties of the resource, `__provider` included. */
    readonly properties: Readonly<Record<string, unknown>>;
    /** Of a failed `read`: the inputs that the engine compares with the program's. */
    readonly inputs?: Readonly<Record<string, unknown>>;
}

/**
 * A step of the engine failed. With `kept`, the engine stores that state and shows the reasons, and the next `up`
 * updates the resource even if nothing was changed. Without, the engine keeps the state that it has.
 */
export class StepFailure extends Error {
    /** One line for each failure. */
    readonly reasons: readonly string[];
    readonly kept: KeptState | undefined;

    constructor(reasons: readonly string[], kept?: KeptState) {
        super(reasons.join("; "));
        this.reasons = reasons;
        this.kept = kept;
    }
}

/** What the engine takes back from a partial failure, with room to spare: 11 MB pass, 15 MB lose the state (measured). */
export const maxFailureBytes = 8_000_000;

/** How large a value is on its way to the engine, in bytes. */
export function sizeOf(value: object): number {
    return Buffer.byteLength(JSON.stringify(value));
}

/** Whether the engine takes these values back from one partial failure. */
export function fitsInFailure(...values: readonly object[]): boolean {
    return values.reduce((sum, value) => sum + sizeOf(value), 0) <= maxFailureBytes;
}
