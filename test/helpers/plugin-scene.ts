import { randomUUID } from "node:crypto";
import type { Properties } from "../../provider/schema/input-rules.ts";
import { type ActionSeed, type FaultPlan, type Simulator, startSimulator } from "../../simulator/index.ts";
import { type PluginProcess, startPlugin } from "./plugin-process.ts";

/** The token of the scenes. Nothing that the plugin answers or prints may contain it. */
export const token = "plugin-scene-token-5b1f";

/** A simulated tenant, and the plugin that works with it. The tests of a file share it, because a start is expensive. */
export interface PluginScene extends AsyncDisposable {
    readonly plugin: PluginProcess;
    readonly simulator: Simulator;
    /** Begins another run in the same process, as the engine does while a debugger holds the process. */
    begin(config?: Properties, name?: string): Promise<void>;
    /** Adds an action. */
    seed(action?: ActionSeed): string;
    /** Adds an action, and returns the checked inputs of its cancellation. */
    declared(urn: string, changes?: Properties, action?: ActionSeed): Promise<Properties>;
    /** The requests for an action, or all: their operations. */
    requests(machineActionId?: string): string[];
    /** The fault of a request; undefined for none. */
    faults: FaultPlan;
}

export async function startPluginScene(environment: Readonly<Record<string, string>> = {}): Promise<PluginScene> {
    const simulator = await startSimulator({ faults: (request) => scene.faults(request) });
    const plugin = await startPlugin({ environment: { DEFENDER_API_URL: simulator.url, ...environment } });
    const scene: PluginScene = {
        plugin,
        simulator,
        faults: () => undefined,
        async begin(config = { accessToken: token }, name) {
            await plugin.cancel();
            await plugin.attach(plugin.engine.address);
            await plugin.configure(config, name);
        },
        seed: (action = {}) => simulator.seed({ id: randomUUID(), ...action }).id,
        async declared(urn, changes = {}, action = {}) {
            const machineActionId = scene.seed(action);
            return (await plugin.check(urn, { machineActionId, comment: "INC-4711", ...changes })).inputs;
        },
        requests: (machineActionId) =>
            simulator.requests
                .filter(({ actionId }) => machineActionId === undefined || actionId === machineActionId)
                .map(({ operation }) => operation),
        async [Symbol.asyncDispose]() {
            await plugin[Symbol.asyncDispose]();
            await simulator.close();
        },
    };
    await scene.begin();
    return scene;
}
