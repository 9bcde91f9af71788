/**
 * What state files call: `pulumi-defender-cancellation/lifecycle`, loaded by the SDK's plugin process with `require`.
 * Permanent: the names exported here never change, because state that was written once refers to them for ever.
 */
import { cancellationLifecycle, type Lifecycle } from "./cancellation-lifecycle.ts";
import { readSettings } from "./config.ts";
import { tieToEngine } from "./plugin/engine-process.ts";
import { sharedSession } from "./session.ts";

tieToEngine();

/** The life of a MachineActionCancellation. */
export const machineActionCancellation: Lifecycle = cancellationLifecycle((config) =>
    sharedSession(readSettings(config, process.env)),
);
