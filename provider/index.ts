/** Cancellations of Microsoft Defender for Endpoint machine actions as Pulumi resources. */
export { type LoadedCancellations, loadCancellations } from "./declaration-file/load-cancellations.ts";
export { DefenderProvider, type DefenderProviderArgs } from "./defender-provider.ts";
export { getMachineActions, getMachineActionsOutput, type MachineActionQuery } from "./get-machine-actions.ts";
export type { IfAlreadyFinal, OnReissue } from "./input-rules.ts";
export type { FinalStatus, MachineAction, MachineActionCommand, MachineActionStatus } from "./machine-action.ts";
export {
    MachineActionCancellation,
    type MachineActionCancellationArgs,
    type MachineActionExpectation,
    type WatchedCancellationArgs,
} from "./machine-action-cancellation.ts";
export {
    MachineActionCancellationSet,
    type MachineActionCancellationSetArgs,
    type SetCancellation,
    type SetResult,
} from "./machine-action-cancellation-set.ts";
export type { AdoptedFrom, Effect, Evidence, Outcome } from "./outputs.ts";
export type { Reissue } from "./reissues.ts";
export type { RunEvidence } from "./set/run-evidence.ts";
