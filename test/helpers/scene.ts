import { randomUUID } from "node:crypto";
import type { ExecutionContext } from "ava";
import { type ActionSeed, type FaultPlan, type Simulator, startSimulator } from "../../simulator/index.ts";
import { type Declaration, type Engine, startEngine } from "./engine.ts";

/** A simulator with a fleet, and a stack on the real engine that declares cancellations of it. */
export interface Scene {
    readonly simulator: Simulator;
    readonly engine: Engine;
    /** The ids of the seeded actions, in their order. */
    readonly ids: readonly string[];
    /** How many cancel requests the simulator has received. */
    cancelRequests(): number;
}

export interface SceneOptions {
    readonly actions: readonly ActionSeed[];
    /** The inputs of each cancellation except its comment, named cancellation-0 and so on; called before each run. */
    readonly declare: (ids: readonly string[]) => readonly Readonly<Record<string, unknown>>[];
    /** Complete declarations, if inputs are not enough. */
    readonly whole?: (ids: readonly string[]) => readonly Declaration[];
    readonly environment?: Readonly<Record<string, string>>;
    readonly faults?: FaultPlan;
    /** As `startEngine` takes it. */
    readonly isPluginPinned?: boolean;
}

/** Sets up a scene and removes it after the test. */
export async function scene(t: ExecutionContext, options: SceneOptions): Promise<Scene> {
    const actions = options.actions.map((action) => ({ id: randomUUID(), ...action }));
    const ids = actions.map(({ id }) => id);
    const simulator = await startSimulator({ actions, ...(options.faults ? { faults: options.faults } : {}) });
    t.teardown(() => simulator.close());
    const engine = await startEngine({
        ...(options.isPluginPinned === undefined ? {} : { isPluginPinned: options.isPluginPinned }),
        environment: {
            DEFENDER_API_URL: simulator.url,
            DEFENDER_ACCESS_TOKEN: "scene-token",
            DEFENDER_VISIBILITY_SECONDS: "1",
            ...options.environment,
        },
        declarations: () => [
            ...options.declare(ids).map((inputs, index) => ({
                name: `cancellation-${index}`,
                args: { comment: "INC-4711", ...inputs },
            })),
            ...(options.whole?.(ids) ?? []),
        ],
    });
    t.teardown(() => engine.dispose());
    return {
        simulator,
        engine,
        ids,
        cancelRequests: () => simulator.requests.filter(({ operation }) => operation === "cancel").length,
    };
}
