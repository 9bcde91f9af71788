import type { CheckFailure } from "../schema/input-rules.ts";

/** Properties as the engine's protocol carries them. */
export type Properties = Readonly<Record<string, unknown>>;

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
