/**
 * What state files call: `pulumi-defender-cancellation/lifecycle`, loaded by the SDK's plugin process with `require`.
 * Permanent: the names exported here never change, because state that was written once refers to them for ever.
 */
import { cancellationLifecycle, type Lifecycle } from "./cancellation-lifecycle.ts";
import { readSettings, type StackConfig } from "./config.ts";
import { tieToEngine } from "./plugin/engine-process.ts";
import { sharedSession } from "./session.ts";
import { setLifecycle } from "./set/set-lifecycle.ts";

tieToEngine();

const open = (config: StackConfig) => sharedSession(readSettings(config, process.env));

/** The life of a MachineActionCancellation. */
export const machineActionCancellation: Lifecycle = cancellationLifecycle(open);

/** The life of a MachineActionCancellationSet. */
export const machineActionCancellationSet: Lifecycle = setLifecycle(open);
