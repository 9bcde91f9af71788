import type { CancelContext } from "../../provider/cancel/cancel-context.ts";
import type { DynamicProvider } from "../../provider/dynamic/dynamic-provider.ts";
import { memoryStore } from "../../provider/quota/quota-file.ts";
import type { Properties } from "../../provider/schema/input-rules.ts";
import { readSettings } from "../../provider/session/config.ts";
import { openSession } from "../../provider/session/session.ts";
import { type ActionSeed, type FaultPlan, type Simulator, startSimulator } from "../../simulator/index.ts";
import { cancellationFace } from "./dynamic-face.ts";
import { type RecordedClock, recordedClock } from "./recorded-clock.ts";

/** The action of a stage, by default. */
export const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";
export const __provider = "exports.handler = …";

/** A failure that keeps state, as the lifecycle throws it. */
export type Kept = Error & { readonly id: string; readonly properties: Properties; readonly reasons: string[] };

/** The lifecycle over real HTTP, on one clock with the simulator. */
export interface Stage {
    readonly lifecycle: DynamicProvider;
    readonly simulator: Simulator;
    readonly clock: RecordedClock;
    /** The lines that the lifecycle logged on the stack. */
    readonly said: readonly string[];
    /** How many cancel requests the API has received, in all or for one action. */
    readonly posts: (machineActionId?: string) => number;
    /** The inputs as check returns them. */
    readonly inputs: (changes?: Properties) => Promise<Properties>;
}

export interface StageOptions {
    readonly faults?: FaultPlan;
    readonly clock?: RecordedClock;
    readonly stop?: AbortSignal;
    readonly token?: string;
    /** How far the API's clock is ahead of ours, in milliseconds. */
    readonly apiAheadMs?: number;
}

/** A bearer token with claims, as Entra issues them; its signature is not checked. */
export function tokenOf(appId: string, tid = "tenant"): string {
    const claims = Buffer.from(JSON.stringify({ tid, appid: appId })).toString("base64url");
    return `e30.${claims}.signature`;
}

/** Runs a scene with a fleet, and removes it afterwards. */
export async function onStage(
    actions: readonly ActionSeed[],
    work: (stage: Stage) => Promise<void>,
    { faults, clock = recordedClock(), stop, token = "lifecycle-token", apiAheadMs = 0 }: StageOptions = {},
): Promise<void> {
    await using simulator = await startSimulator({
        actions,
        now: () => clock.now() + apiAheadMs,
        ...(faults ? { faults } : {}),
    });
    const said: string[] = [];
    const sessions = new Map<string, CancelContext>();
    const lifecycle = cancellationFace(
        (config) => {
            const settings = readSettings(config, { DEFENDER_API_URL: simulator.url });
            // As in a process, which has one session for the same settings.
            const key = JSON.stringify(settings);
            const ties = {
                clock,
                stop: stop ?? new AbortController().signal,
                quotaStore: memoryStore(),
                log: () => {},
            };
            const session = sessions.get(key) ?? openSession(settings, ties);
            sessions.set(key, session);
            return session;
        },
        (line) => said.push(line),
    );
    const config = new Map([["defender:accessToken", token]]);
    void lifecycle.configure({ config: { get: (key) => config.get(key) } });
    await work({
        lifecycle,
        simulator,
        clock,
        said,
        posts: (machineActionId) =>
            simulator.requests.filter(
                ({ operation, actionId }) =>
                    operation === "cancel" && (machineActionId === undefined || actionId === machineActionId),
            ).length,
        async inputs(changes = {}) {
            const news = { __provider, machineActionId: id, comment: "INC-4711", declaredBy: "p/s/n", ...changes };
            return (await lifecycle.check({}, news)).inputs;
        },
    });
}
