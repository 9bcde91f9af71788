import { randomUUID } from "node:crypto";
import type { DynamicProvider } from "../../provider/dynamic/dynamic-provider.ts";
import type { Properties } from "../../provider/schema/input-rules.ts";
import type { ActionSeed, Simulator } from "../../simulator/index.ts";
import { setFace } from "./dynamic-face.ts";
import { type SimulatedApi, type SimulatedApiOptions, simulatedApi } from "./simulated-api.ts";

/** The lifecycle of a set over real HTTP, in simulated time. */
export interface SetStage {
    readonly api: SimulatedApi;
    readonly simulator: Simulator;
    readonly lifecycle: DynamicProvider;
    /** The ids of the seeded actions, in their order. */
    readonly ids: readonly string[];
    /** The lines that the lifecycle logged on the stack. */
    readonly said: readonly string[];
    /** The inputs as check returns them: all seeded actions, unless `changes` says otherwise. */
    inputs(changes?: Properties): Promise<Properties>;
    create(news: Properties): Promise<Properties>;
    update(olds: Properties, news: Properties): Promise<Properties>;
    read(olds: Properties): Promise<{ readonly props: Properties; readonly inputs: Properties }>;
    diff(olds: Properties, news: Properties): Promise<boolean>;
    /** How many cancel requests the API has received, in all or for one action. */
    posts(machineActionId?: string): number;
}

/** A failure that keeps state, as the lifecycle throws it. */
export type KeptSet = Error & { readonly id: string; readonly properties: Properties; readonly reasons: string[] };

export const __provider = "exports.handler = …";

/** A quota so large that it never limits a test. */
const unlimited = { DEFENDER_REQUESTS_PER_MINUTE: "100000", DEFENDER_REQUESTS_PER_HOUR: "1000000" };

/** Runs a scene with a fleet, and removes it afterwards. */
export async function onSetStage(
    seeds: readonly ActionSeed[],
    work: (stage: SetStage) => Promise<void>,
    options: SimulatedApiOptions = {},
): Promise<void> {
    const actions = seeds.map((seed) => ({ id: randomUUID(), ...seed }));
    const ids = actions.map(({ id }) => id);
    const environment = { ...unlimited, DEFENDER_VISIBILITY_SECONDS: "1", ...options.environment };
    await using api = await simulatedApi({ ...options, actions, environment });
    const said: string[] = [];
    const lifecycle = setFace(
        () => api.session,
        (line) => said.push(line),
    );
    await work({
        api,
        simulator: api.simulator,
        lifecycle,
        ids,
        said,
        async inputs(changes = {}) {
            const news = {
                __provider,
                cancellations: ids.map((machineActionId) => ({ machineActionId })),
                comment: "INC-4711",
                maxCancellations: 5_000,
                declaredBy: "p/s/n",
                ...changes,
            };
            return (await lifecycle.check({}, news)).inputs;
        },
        create: async (news) => (await api.time.run(lifecycle.create(news))).outs,
        update: async (olds, news) => (await api.time.run(lifecycle.update("set", olds, news))).outs,
        read: (olds) => api.time.run(lifecycle.read("set", olds)),
        diff: async (olds, news) => (await lifecycle.diff("set", olds, news)).changes,
        posts: (machineActionId) =>
            api
                .requests("cancel")
                .filter(({ actionId }) => machineActionId === undefined || actionId === machineActionId).length,
    });
}

/** The stored result of one action of a set. */
export function resultOf(properties: Properties, machineActionId: string | undefined): Properties | undefined {
    return (properties.results as Readonly<Record<string, Properties>>)[machineActionId ?? ""];
}
