/** Cancellations of Microsoft Defender for Endpoint machine actions as Pulumi resources. */

export type { MachineActionQuery } from "./api/action-query.ts";
export type { Evidence, RunEvidence } from "./model/evidence.ts";
export type {
    CommandParameter,
    FinalStatus,
    MachineAction,
    MachineActionCommand,
    MachineActionStatus,
    RelatedFileInfo,
} from "./model/machine-action.ts";
export type { AdoptedFrom, Effect, Outcome } from "./model/outputs.ts";
export type { Reissue, ReissueCounts } from "./model/reissue.ts";
export {
    MachineActionCancellation,
    type MachineActionCancellationArgs,
    type MachineActionExpectation,
    type WatchedCancellationArgs,
} from "./resources/cancellation.ts";
export {
    MachineActionCancellationSet,
    type MachineActionCancellationSetArgs,
    type SetCancellation,
    type SetResult,
} from "./resources/cancellation-set.ts";
export { DefenderProvider, type DefenderProviderArgs } from "./resources/defender-provider.ts";
export {
    getMachineActions,
    getMachineActionsOutput,
} from "./resources/get-machine-actions.ts";
export { type LoadedCancellations, loadCancellations } from "./resources/load-cancellations.ts";
export type { IfAlreadyFinal, OnReissue } from "./schema/input-rules.ts";
