/** Cancellations of Microsoft Defender for Endpoint machine actions as Pulumi resources. */
export { DefenderProvider, type DefenderProviderArgs } from "./defender-provider.ts";
export type { IfAlreadyFinal } from "./inputs.ts";
export type { FinalStatus, MachineActionStatus } from "./machine-action.ts";
export {
    MachineActionCancellation,
    type MachineActionCancellationArgs,
    type MachineActionExpectation,
    type Reissue,
} from "./machine-action-cancellation.ts";
export type { Effect, Evidence, Outcome } from "./outputs.ts";
