import type { CheckFailure, Properties } from "../schema/input-rules.ts";

/**
 * The life of a resource, step by step, as the engine asks for it. A step that fails throws a {@link StepFailure}, or any
 * other error where there is no state to keep.
 */
export interface Lifecycle {
    check(olds: Properties, news: Properties): Promise<{ inputs: Record<string, unknown>; failures: CheckFailure[] }>;
    diff(id: string, olds: Properties, news: Properties): Promise<{ changes: boolean; replaces: string[] }>;
    create(inputs: Properties): Promise<{ id: string; outs: Record<string, unknown> }>;
    read(id: string, properties: Properties): Promise<ReadResult>;
    update(id: string, olds: Properties, news: Properties): Promise<{ outs: Record<string, unknown> }>;
    delete(id: string, properties: Properties): Promise<void>;
}

/** What a refresh stores: the outputs, and the inputs that make drift visible. */
export interface ReadResult {
    id: string;
    props: Record<string, unknown>;
    inputs: Record<string, unknown>;
}

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
