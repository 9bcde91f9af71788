/**
 * What state files call: `pulumi-defender-cancellation/lifecycle`, loaded by the SDK's plugin process with `require`.
 * Permanent: the names exported here never change, because stored state refers to them.
 */
import type { CancelContext } from "./cancel/cancel-context.ts";
import { type DynamicProvider, dynamicProvider } from "./dynamic/dynamic-provider.ts";
import { engineIdentity } from "./dynamic/engine-identity.ts";
import { installEngineHooks } from "./dynamic/engine-process.ts";
import { mappingRefusal } from "./dynamic/mapped-environment.ts";
import { cancellationLifecycle } from "./lifecycles/cancellation-lifecycle.ts";
import { setLifecycle } from "./lifecycles/set/set-lifecycle.ts";
import { errorLine } from "./model/errors.ts";
import { readSettings, type StackConfig } from "./session/config.ts";

installEngineHooks();

/** The session is loaded by the first method that needs the API: each preview starts a plugin that only checks. */
async function open(config: StackConfig): Promise<CancelContext> {
    const refusal = mappingRefusal();
    if (refusal) {
        throw refusal;
    }
    const settings = readSettings(config, process.env);
    const { sharedSession } = await import("./session/session.ts");
    return sharedSession(settings, engineIdentity());
}

/** Refused by the check, in preview as in `up`. */
function refusingMappings(lifecycle: DynamicProvider): DynamicProvider {
    return {
        ...lifecycle,
        async check(olds, news) {
            const { inputs, failures } = await lifecycle.check(olds, news);
            const refusal = mappingRefusal();
            return {
                inputs,
                failures: refusal ? [{ property: "provider", reason: errorLine(refusal) }, ...failures] : failures,
            };
        },
    };
}

/** The life of a MachineActionCancellation. */
export const machineActionCancellation: DynamicProvider = refusingMappings(
    dynamicProvider((context) => cancellationLifecycle(context), open),
);

/** The life of a MachineActionCancellationSet. */
export const machineActionCancellationSet: DynamicProvider = refusingMappings(
    dynamicProvider((context) => setLifecycle(context), open),
);
