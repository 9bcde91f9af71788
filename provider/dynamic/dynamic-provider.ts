import type { CancelContext } from "../cancel/cancel-context.ts";
import { failureTrailer, unknownCode } from "../lifecycles/init-failure.ts";
import { type KeptState, type Lifecycle, StepFailure } from "../lifecycles/lifecycle.ts";
import { wireValue } from "../lifecycles/wire-value.ts";
import { errorLine } from "../model/errors.ts";
import type { StackConfig } from "../session/config.ts";
import { requireOfSdk } from "./engine-process.ts";

/** The methods that the SDK's plugin calls, with the arguments of `pulumi.dynamic.ResourceProvider`. */
export interface DynamicProvider extends Lifecycle {
    configure(request: { config: { get(key: string): string | undefined } }): Promise<void>;
}

/**
 * Adapts a lifecycle to the SDK's plugin process. Results become values that the engine's protocol can carry. Failures
 * become errors that the plugin passes on, without a stack.
 *
 * `open` opens the context of the core. It is called only when the first request is due.
 */
export function dynamicProvider(
    lifecycleOver: (open: () => Promise<CancelContext>) => Lifecycle,
    open: (config: StackConfig) => CancelContext | Promise<CancelContext>,
): DynamicProvider {
    let config: StackConfig = () => undefined;
    const lifecycle = lifecycleOver(async () => open(config));
    return {
        // The plugin caches the provider and calls its other methods without waiting for this one, so the config is
        // stored synchronously.
        configure(request) {
            config = (key) => request.config.get(key);
            return Promise.resolve();
        },
        check: (olds, news) => lifecycle.check(olds, news).catch(rethrow),
        async diff(id, olds, news) {
            const found = await lifecycle.diff(id, olds, news).catch(rethrow);
            // A state of the provider plugin has no text that names this package. Without an update, it never gets one,
            // and every later command would fail.
            const isOfPlugin = olds.__provider === undefined && news.__provider !== undefined;
            return { ...found, changes: found.changes || isOfPlugin };
        },
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

/** For `create` and `update`: the SDK's plugin turns an error with these properties into the engine's answer. */
export function partialFailure({ id, properties }: KeptState, reasons: readonly string[]): Error {
    return Object.assign(stacklessError(reasons.join("; ")), { id, properties: wireValue(properties), reasons });
}

/**
 * For `read`: the SDK's plugin passes a thrown error on unchanged. So the error itself carries the answer to the engine.
 *
 * The messages are the SDK's own. They are loaded here because only a failing read needs them.
 */
export function partialReadFailure({ inputs = {}, ...kept }: KeptState, reasons: readonly string[]): Error {
    const require = requireOfSdk();
    const { Struct } = require("google-protobuf/google/protobuf/struct_pb.js") as {
        Struct: { fromJavaScript(value: object): unknown };
    };
    const metadata = failureTrailer({ ...kept, inputs }, reasons, false, {
        ...require("./proto/provider_pb.js"),
        ...require("./proto/status_pb.js"),
        ...require("google-protobuf/google/protobuf/any_pb.js"),
        ...require("@grpc/grpc-js"),
        encode: (properties: object) => Struct.fromJavaScript(wireValue(properties)),
    });
    return Object.assign(stacklessError(reasons.join("; ")), {
        code: unknownCode,
        metadata,
        // The SDK prints an error of `read` as `${error}: ${error.stack}`, and the engine shows that on the stack. The
        // engine shows the reasons on the resource, so they are not repeated there.
        toString: () => (reasons.length > 1 ? reasons[0] : "a record could not be refreshed, and is kept"),
        stack: "its resource shows the reasons",
    });
}

/** An error without a stack: the plugin prints the stack of each error that it gets, which helps no user. */
export function stacklessError(message: string): Error {
    return Object.assign(new Error(message), { stack: "" });
}
