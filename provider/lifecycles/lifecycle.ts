import type { CheckFailure, Properties } from "../schema/input-rules.ts";
import { printable } from "../text/print.ts";

/**
 * The steps that the engine requests for a resource. A failed step throws a {@link StepFailure}. If no state must be
 * kept, it may throw any other error.
 */
export interface Lifecycle {
    check(olds: Properties, news: Properties): Promise<{ inputs: Record<string, unknown>; failures: CheckFailure[] }>;
    diff(id: string, olds: Properties, news: Properties): Promise<{ changes: boolean; replaces: string[] }>;
    create(inputs: Properties): Promise<{ id: string; outs: Record<string, unknown> }>;
    read(id: string, properties: Properties): Promise<ReadResult>;
    update(id: string, olds: Properties, news: Properties): Promise<{ outs: Record<string, unknown> }>;
    delete(id: string, properties: Properties): Promise<void>;
}

/** The values that a refresh stores: the outputs, and the inputs that make drift visible. */
export interface ReadResult {
    id: string;
    props: Record<string, unknown>;
    inputs: Record<string, unknown>;
}

/** The state that the engine must store although the step failed. */
export interface KeptState {
    readonly id: string;
    /** All properties of the resource, `__provider` included. */
    readonly properties: Readonly<Record<string, unknown>>;
    /** For a failed `read`: the inputs that the engine compares with the program's inputs. */
    readonly inputs?: Readonly<Record<string, unknown>>;
}

/**
 * A step of the engine failed. With `kept`, the engine stores that state and shows the reasons. The next `up` then
 * updates the resource even if nothing was changed. Without `kept`, the engine keeps its own state.
 */
export class StepFailure extends Error {
    /** One line for each failure, safe in a terminal and in a pipeline's log. */
    readonly reasons: readonly string[];
    readonly kept: KeptState | undefined;

    constructor(reasons: readonly string[], kept?: KeptState) {
        const lines = reasons.map(printable);
        super(lines.join("; "));
        this.reasons = lines;
        this.kept = kept;
    }
}

/**
 * The maximum size of the state in a partial failure, in bytes, with room to spare. The engine accepts 11 MB, and loses
 * the state at 15 MB (measured).
 */
export const maxFailureBytes = 8_000_000;

/** The size of a value in a message to the engine, in bytes. */
export function sizeOf(value: object): number {
    return Buffer.byteLength(JSON.stringify(value));
}

/** Whether the engine accepts these values in one partial failure. */
export function fitsInFailure(...values: readonly object[]): boolean {
    return values.reduce((sum, value) => sum + sizeOf(value), 0) <= maxFailureBytes;
}
