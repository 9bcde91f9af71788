/**
 * What state files call: `pulumi-defender-cancellation/lifecycle`, loaded by the SDK's plugin process with `require`.
 * Permanent: the names exported here never change, because state that was written once refers to them for ever.
 */
import type { CancelContext } from "./cancel/cancel.ts";
import { cancellationLifecycle, type Lifecycle } from "./cancellation-lifecycle.ts";
import { readSettings, type StackConfig } from "./config.ts";
import { tieToEngine } from "./plugin/engine-process.ts";
import { setLifecycle } from "./set/set-lifecycle.ts";

tieToEngine();

/** The session is loaded by the first method that needs the API: each preview starts a plugin that only checks. */
async function open(config: StackConfig): Promise<CancelContext> {
    const settings = readSettings(config, process.env);
    const { sharedSession } = await import("./session.ts");
    return sharedSession(settings);
}

/** The life of a MachineActionCancellation. */
export const machineActionCancellation: Lifecycle = cancellationLifecycle(open);

/** The life of a MachineActionCancellationSet. */
export const machineActionCancellationSet: Lifecycle = setLifecycle(open);
