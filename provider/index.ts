/** Cancellations of Microsoft Defender for Endpoint machine actions as Pulumi resources. */
export { DefenderProvider, type DefenderProviderArgs } from "./defender-provider.ts";
export type { IfAlreadyFinal, OnReissue } from "./input-rules.ts";
export type { FinalStatus, MachineActionStatus } from "./machine-action.ts";
export {
    MachineActionCancellation,
    type MachineActionCancellationArgs,
    type MachineActionExpectation,
} from "./machine-action-cancellation.ts";
export type { AdoptedFrom, Effect, Evidence, Outcome } from "./outputs.ts";
export type { Reissue } from "./reissues.ts";
