export type { Quota } from "./access/quota.ts";
export type { ForbiddenWording } from "./access/roles.ts";
export type { ActionBehaviour, ActionSeed, LiveResponseSeed } from "./actions/action-seed.ts";
export type { LiveResponseCommand } from "./actions/live-response.ts";
export type { MachineActionRow } from "./actions/machine-action.ts";
export { runSimulator, type SimulatorProcess } from "./command-line/run-simulator.ts";
export type { SimulatorInput } from "./command-line/terminal-keys.ts";
export type { Fault, FaultName, FaultPlan, FaultRequest, ListFault } from "./faults/fault.ts";
export { faultScript, type ScriptedFault } from "./faults/fault-script.ts";
export { demoFleet } from "./game-day/demo-fleet.ts";
export type { Latency, LatencyPlan, LatencyRequest } from "./http/latency.ts";
export type { RecordedRequest } from "./http/request-record.ts";
export type { MachineRow, MachineSeed } from "./machines/machine.ts";
export type { Operation } from "./routes/route.ts";
export type {
    AppRegistration,
    FederatedIdentity,
    GrantForm,
    RecordedSignIn,
    SignInOptions,
} from "./sign-in/app-registration.ts";
export { type SignInSimulator, type Simulator, startSimulator } from "./simulator.ts";
export type { SimulatorOptions } from "./simulator-options.ts";
