import type { CancelContext } from "../cancel/cancel-context.ts";
import type { Lifecycle } from "../lifecycles/lifecycle.ts";
import { StepFailure } from "../lifecycles/step-failure.ts";
import { wireValue } from "../lifecycles/wire-value.ts";
import { errorLine } from "../model/errors.ts";
import type { StackConfig } from "../session/config.ts";
import { partialFailure, partialReadFailure, stacklessError } from "./engine-errors.ts";

/** The methods that the SDK's plugin calls, arguments as in `pulumi.dynamic.ResourceProvider`. */
export interface DynamicProvider extends Lifecycle {
    configure(request: { config: { get(key: string): string | undefined } }): Promise<void>;
}

/**
 * A lifecycle as the SDK's plugin process calls it: results as the engine's protocol can carry them, failures as the
 * plugin hands them on, and no stack in any error.
 *
 * `open` gives what the core works with. It is called when the first request is due, not before.
 */
export function dynamicProvider(
    lifecycleOver: (open: () => Promise<CancelContext>) => Lifecycle,
    open: (config: StackConfig) => CancelContext | Promise<CancelContext>,
): DynamicProvider {
    let config: StackConfig = () => undefined;
    const lifecycle = lifecycleOver(async () => open(config));
    return {
        // The plugin caches the provider and calls its other methods without waiting for this: taken at once.
        configure(request) {
            config = (key) => request.config.get(key);
            return Promise.resolve();
        },
        check: (olds, news) => lifecycle.check(olds, news).catch(rethrow),
        diff: (id, olds, news) => lifecycle.diff(id, olds, news).catch(rethrow),
        create: (inputs) => lifecycle.create(inputs).then(wireValue, rethrow),
        read: (id, properties) => lifecycle.read(id, properties).then(wireValue, rethrowFromRead),
        update: (id, olds, news) => lifecycle.update(id, olds, news).then(wireValue, rethrow),
        delete: (id, properties) => lifecycle.delete(id, properties).catch(rethrow),
    };
}

function rethrow(error: unknown): never {
    if (error instanceof StepFailure) {
        throw error.kept ? partialFailure(error.kept, error.reasons) : stacklessError(error.message);
    }
    throw stacklessError(errorLine(error));
}

function rethrowFromRead(error: unknown): never {
    throw error instanceof StepFailure && error.kept ? partialReadFailure(error.kept, error.reasons) : rethrow(error);
}
