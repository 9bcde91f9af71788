import type { CancelContext } from "../../provider/cancel/cancel-context.ts";
import { type DynamicProvider, dynamicProvider } from "../../provider/dynamic/dynamic-provider.ts";
import { cancellationLifecycle } from "../../provider/lifecycles/cancellation-lifecycle.ts";
import { setLifecycle } from "../../provider/lifecycles/set/set-lifecycle.ts";
import type { StackConfig } from "../../provider/session/config.ts";

/** Returns the session that the core works with. */
type Open = (config: StackConfig) => CancelContext | Promise<CancelContext>;

/** The lifecycle of a single cancellation, as the SDK's plugin calls it. */
export const cancellationFace = (open: Open, log?: (line: string) => void): DynamicProvider =>
    withReference(dynamicProvider((context) => cancellationLifecycle(context, log), open));

/** The lifecycle of a set, as the SDK's plugin calls it. */
export const setFace = (open: Open, log?: (line: string) => void): DynamicProvider =>
    withReference(dynamicProvider((context) => setLifecycle(context, log ? { log } : {}), open));

/** The SDK's plugin adds the text that names this package to all outputs that it stores. */
const withReference = (face: DynamicProvider): DynamicProvider => ({
    ...face,
    diff: (id, olds, news) => face.diff(id, { __provider: news.__provider, ...olds }, news),
});
