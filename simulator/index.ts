export type { Quota } from "./access/quota.ts";
export type { ForbiddenWording } from "./access/roles.ts";
export type { ActionBehaviour, ActionConduct } from "./actions/action-conduct.ts";
export type { ActionSeed } from "./actions/action-seed.ts";
export type { LiveResponseCommand, LiveResponseSeed } from "./actions/live-response.ts";
export type { MachineActionRow } from "./actions/machine-action.ts";
export { runSimulator } from "./command-line/run-simulator.ts";
export type { SimulatorProcess } from "./command-line/simulator-process.ts";
export type { SimulatorInput } from "./command-line/terminal-keys.ts";
export type { Fault, FaultName, FaultPlan, FaultRequest, ListFault } from "./faults/fault.ts";
export { faultScript, type ScriptedFault } from "./faults/fault-script.ts";
export { demoFleet } from "./game-day/demo-fleet.ts";
export type { Compression } from "./http/compression.ts";
export type { Latency, LatencyPlan, LatencyRequest } from "./http/latency.ts";
export type { RecordedRequest } from "./http/request-record.ts";
export type { IpAddress, MachineRow, MachineSeed, VmMetadata } from "./machines/machine-row.ts";
export type { PresenceSeed } from "./machines/presence.ts";
export type { PageOptions } from "./page/page-options.ts";
export type { Operation } from "./routes/route.ts";
export type {
    AppRegistration,
    FederatedIdentity,
    GrantForm,
    RecordedSignIn,
    SignInOptions,
} from "./sign-in/app-registration.ts";
export type { SignInSimulator, Simulator } from "./simulator.ts";
export type { SimulatorOptions } from "./simulator-options.ts";
export { startSimulator } from "./start-simulator.ts";
