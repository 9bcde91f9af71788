export type { ActionBehaviour, ActionSeed } from "./action-seed.ts";
export type { MachineActionRow } from "./machine-action.ts";
export { demoFleet } from "./seed.ts";
export type { RecordedRequest } from "./server.ts";
export { type Simulator, type SimulatorOptions, startSimulator } from "./simulator.ts";
