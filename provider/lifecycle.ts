/**
 * The entry point that state files name: the SDK's plugin process loads `pulumi-defender-cancellation/lifecycle` with
 * `require`.
 *
 * Permanent: the names exported here never change, because stored state refers to them.
 */
import type { CancelContext } from "./cancel/cancel-context.ts";
import { type DynamicProvider, dynamicProvider } from "./dynamic/dynamic-provider.ts";
import { engineAddress, installEngineHooks, isPluginProcess } from "./dynamic/engine-process.ts";
import { createEngineStatus } from "./dynamic/engine-status.ts";
import { logOnResourceOf } from "./dynamic/resource-log.ts";
import { cancellationLifecycle } from "./lifecycles/cancellation-lifecycle.ts";
import type { LogOnResource } from "./lifecycles/drift-lines.ts";
import { createPaceStatus } from "./lifecycles/pace-status.ts";
import { withCausesOnce } from "./lifecycles/repeated-causes.ts";
import { setLifecycle } from "./lifecycles/set/set-lifecycle.ts";
import { type DefenderError, errorLine } from "./model/errors.ts";
import { resourceTypes } from "./model/resource-types.ts";
import { createDeclaredActions } from "./reissues/declared-actions.ts";
import { readSettings, type StackConfig } from "./session/config.ts";
import { engineIdentity } from "./session/engine-identity.ts";
import { mappedHere, mappingRefusal } from "./session/mapped-environment.ts";

installEngineHooks();

/** Both lifecycles note here what the engine asks them about. */
const siblings = createDeclaredActions();

const logStatus = createEngineStatus(engineAddress());
const pace = createPaceStatus(logStatus);

function refusalHere(): DefenderError | undefined {
    return isPluginProcess(process.argv[1]) ? mappingRefusal(mappedHere()) : undefined;
}

/** Imports the session only when a method needs the API, because each preview starts a plugin that only checks. */
async function open(config: StackConfig): Promise<CancelContext> {
    const refusal = refusalHere();
    if (refusal) {
        throw refusal;
    }
    const settings = readSettings(config, process.env);
    const { sharedSession } = await import("./session/session.ts");
    return sharedSession(settings, engineIdentity(engineAddress()), pace.logPace);
}

function logOn(type: string): LogOnResource {
    return logOnResourceOf(type, engineAddress());
}

/** Makes the check refuse mapped environment variables, in preview as in `up`. */
function refusingMappings(lifecycle: DynamicProvider): DynamicProvider {
    return {
        ...lifecycle,
        async check(olds, news) {
            const { inputs, failures } = await lifecycle.check(olds, news);
            const refusal = refusalHere();
            return {
                inputs,
                failures: refusal ? [{ property: "provider", reason: errorLine(refusal) }, ...failures] : failures,
            };
        },
    };
}

/** The provider of a MachineActionCancellation. */
export const machineActionCancellation: DynamicProvider = refusingMappings(
    dynamicProvider(
        (context) =>
            withCausesOnce(
                cancellationLifecycle(context, undefined, siblings, logOn(resourceTypes.cancellation.dynamic)),
            ),
        open,
    ),
);

/** The provider of a MachineActionCancellationSet. */
export const machineActionCancellationSet: DynamicProvider = refusingMappings(
    dynamicProvider(
        (context) =>
            pace.withProgress(
                setLifecycle(context, { logOnResource: logOn(resourceTypes.set.dynamic), logStatus }, siblings),
            ),
        open,
    ),
);
