export type { ActionBehaviour, ActionSeed, LiveResponseSeed } from "./action-seed.ts";
export type { Fault, FaultName, FaultPlan, FaultRequest, ListFault } from "./faults/fault.ts";
export { faultScript, type ScriptedFault } from "./faults/fault-script.ts";
export type { Latency, LatencyPlan, LatencyRequest } from "./latency.ts";
export type { LiveResponseCommand } from "./live-response.ts";
export type { MachineRow, MachineSeed } from "./machine.ts";
export type { MachineActionRow } from "./machine-action.ts";
export type { Quota } from "./quota.ts";
export type { RecordedRequest } from "./request-record.ts";
export type { Operation } from "./routes.ts";
export { runSimulator, type SimulatorProcess } from "./run-simulator.ts";
export { demoFleet } from "./seed.ts";
export type {
    AppRegistration,
    FederatedIdentity,
    GrantForm,
    RecordedSignIn,
    SignInOptions,
} from "./sign-in/app-registration.ts";
export { type SignInSimulator, type Simulator, startSimulator } from "./simulator.ts";
export type { SimulatorOptions } from "./simulator-options.ts";
