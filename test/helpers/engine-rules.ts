import type { DynamicProvider } from "../../provider/dynamic/dynamic-provider.ts";
import type { Properties } from "../../provider/schema/input-rules.ts";
import { carry, initFailure } from "./engine-wire.ts";

/**
 * A model of how the Pulumi engine and the SDK's plugin handle the state of dynamic resources, as read in
 * `@pulumi/pulumi/cmd/dynamic-provider` and observed in runs: the values that a command passes to the lifecycle, and
 * the part of the answer that it stores. It is independent of cancellations. All values are encoded as in the real
 * protocol, as `google.protobuf.Struct`.
 */
export interface StoredState {
    readonly id: string;
    readonly inputs: Properties;
    readonly outputs: Properties;
    /** Why the last create, update or refresh failed; the next `up` then updates even without a diff. */
    readonly initErrors: readonly string[];
}

/** The result of a command for one resource. */
export interface Step {
    readonly name: string;
    readonly operation: "create" | "update" | "same" | "refresh" | "check";
    readonly before: StoredState | undefined;
    readonly after: StoredState | undefined;
    /** Whether a refresh reports a change, or a preview plans one. */
    readonly changes: boolean;
    readonly error: Error | undefined;
}

/** A resource in the program. */
export interface Declared {
    readonly name: string;
    readonly args: Properties;
}

export interface CommandOptions {
    /** The resources whose results are discarded, as if the process died between the work and the save. */
    readonly lost?: readonly string[];
}

/** The state of one stack, and the commands on it. Each command gets the lifecycle of a fresh plugin process. */
export interface Stack {
    readonly state: ReadonlyMap<string, StoredState>;
    preview(lifecycle: DynamicProvider, program: readonly Declared[], refresh: boolean): Promise<Step[]>;
    up(
        lifecycle: DynamicProvider,
        program: readonly Declared[],
        options: CommandOptions & { readonly refresh?: boolean },
    ): Promise<Step[]>;
    refresh(lifecycle: DynamicProvider, options: CommandOptions & { readonly previewOnly?: boolean }): Promise<Step[]>;
    destroy(lifecycle: DynamicProvider): Promise<void>;
}

const provider = "exports.handler = …";

const withProvider = (properties: object) => ({ ...properties, __provider: provider });

/** A thrown error that keeps state. */
interface PartialFailure extends Error {
    readonly id: string;
    readonly properties: Properties;
    readonly reasons: readonly string[];
}

function isPartial(error: unknown): error is PartialFailure {
    return error instanceof Error && "id" in error && typeof error.id === "string";
}

const asError = (error: unknown) => (error instanceof Error ? error : new Error(String(error)));

/** A stack without resources. */
export function emptyStack(project: string): Stack {
    const state = new Map<string, StoredState>();

    async function check(lifecycle: DynamicProvider, { name, args }: Declared): Promise<Properties> {
        const news = withProvider({ ...args, declaredBy: `${project}/${name}` });
        const olds = state.get(name)?.inputs ?? {};
        const { inputs, failures } = await lifecycle.check(carry(olds), carry(news));
        if (failures.length > 0) {
            throw new Error(failures.map(({ reason }) => reason).join("; "));
        }
        return carry(withProvider(inputs));
    }

    async function read(lifecycle: DynamicProvider, name: string, before: StoredState): Promise<Step> {
        const { id, inputs, outputs } = before;
        const step = { name, operation: "refresh", before } as const;
        let after: StoredState;
        try {
            const result = await lifecycle.read(id, carry(outputs));
            after = {
                id: result.id,
                outputs: carry(withProvider(result.props)),
                inputs: carry(withProvider(result.inputs)),
                initErrors: [],
            };
        } catch (error) {
            const kept = initFailure(error);
            return kept
                ? { ...step, after: kept, changes: true, error: undefined }
                : { ...step, after: before, changes: false, error: asError(error) };
        }
        const { changes } = await lifecycle.diff(id, carry(after.outputs), carry(inputs));
        return { ...step, after, changes, error: undefined };
    }

    async function plan(
        lifecycle: DynamicProvider,
        news: Properties,
        before: StoredState | undefined,
    ): Promise<Step["operation"]> {
        if (!before) {
            return "create";
        }
        const { changes, replaces } = await lifecycle.diff(before.id, carry(before.outputs), carry(news));
        if (replaces.length > 0) {
            // The new resource first; the old record is deleted when that exists.
            return "create";
        }
        return changes || before.initErrors.length > 0 ? "update" : "same";
    }

    async function apply(lifecycle: DynamicProvider, declared: Declared): Promise<Step> {
        const { name } = declared;
        const before = state.get(name);
        let news: Properties;
        try {
            news = await check(lifecycle, declared);
        } catch (error) {
            return { name, operation: "check", before, after: before, changes: false, error: asError(error) };
        }
        const operation = await plan(lifecycle, news, before);
        const step = { name, operation, before, changes: operation !== "same" };
        try {
            if (operation === "create" || !before) {
                const { id, outs } = await lifecycle.create(carry(news));
                const after = { id, inputs: news, outputs: carry(withProvider(outs)), initErrors: [] };
                return { ...step, after, error: undefined };
            }
            const { outs } =
                operation === "update"
                    ? await lifecycle.update(before.id, carry(before.outputs), carry(news))
                    : { outs: before.outputs };
            const after = { id: before.id, inputs: news, outputs: carry(withProvider(outs)), initErrors: [] };
            return { ...step, after, error: undefined };
        } catch (error) {
            if (!isPartial(error)) {
                return { ...step, after: before, error: asError(error) };
            }
            const { id, properties, reasons } = error;
            const after = { id, inputs: news, outputs: carry(properties), initErrors: [...reasons] };
            return { ...step, after, error };
        }
    }

    function save(steps: readonly Step[], lost: readonly string[] = []): void {
        for (const { name, after } of steps) {
            if (after && !lost.includes(name)) {
                state.set(name, after);
            }
        }
    }

    const readAll = (lifecycle: DynamicProvider) =>
        Promise.all([...state].map(([name, before]) => read(lifecycle, name, before)));

    return {
        state,
        async preview(lifecycle, program, refresh) {
            const fresh = new Map(refresh ? (await readAll(lifecycle)).map((step) => [step.name, step.after]) : state);
            return Promise.all(
                program.map(async (declared): Promise<Step> => {
                    const { name } = declared;
                    const before = fresh.get(name);
                    try {
                        const news = await check(lifecycle, declared);
                        const operation = await plan(lifecycle, news, before);
                        return {
                            name,
                            operation,
                            before,
                            after: before,
                            changes: operation !== "same",
                            error: undefined,
                        };
                    } catch (error) {
                        return {
                            name,
                            operation: "check",
                            before,
                            after: before,
                            changes: false,
                            error: asError(error),
                        };
                    }
                }),
            );
        },
        async up(lifecycle, program, { refresh = false, lost }) {
            const read = refresh ? await readAll(lifecycle) : [];
            save(read);
            if (read.some(({ error }) => error)) {
                // A refresh that fails ends the update before it has begun.
                return read;
            }
            for (const name of state.keys()) {
                if (!program.some((declared) => declared.name === name)) {
                    // `retainOnDelete`: the record is deleted, and the provider is not called.
                    state.delete(name);
                }
            }
            const steps = await Promise.all(program.map((declared) => apply(lifecycle, declared)));
            save(steps, lost);
            return steps;
        },
        async refresh(lifecycle, { previewOnly = false, lost }) {
            const seen = await readAll(lifecycle);
            if (previewOnly) {
                return seen;
            }
            // The preview's readings are not used, because the command reads again.
            const steps = await readAll(lifecycle);
            save(steps, lost);
            return steps;
        },
        async destroy(lifecycle) {
            for (const [name, { id, outputs }] of state) {
                // In case `retainOnDelete` was switched off.
                await lifecycle.delete(id, carry(outputs));
                state.delete(name);
            }
        },
    };
}
