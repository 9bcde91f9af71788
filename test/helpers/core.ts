import { cancelMachineActions } from "../../provider/cancel/cancel.ts";
import type { CancelContext } from "../../provider/cancel/cancel-context.ts";
import type { CancellationTarget } from "../../provider/cancel/cancellation-target.ts";
import { memoryStore } from "../../provider/quota/quota-file.ts";
import { readSettings } from "../../provider/session/config.ts";
import { openSession } from "../../provider/session/session.ts";
import { type ActionSeed, type FaultPlan, type Simulator, startSimulator } from "../../simulator/index.ts";
import { type RecordedClock, recordedClock } from "./recorded-clock.ts";

/** The action of a test of the core, by default. */
export const id = "5f2c7a10-93b4-4c1e-8d2f-6a7b8c9d0e1f";

/** The declared cancellation of the action. */
export function targetOf(machineActionId: string, changes: Partial<CancellationTarget> = {}): CancellationTarget {
    return {
        machineActionId,
        comment: "INC-4711 [pulumi project/stack/name 000000000000]",
        declaredBy: "project/stack/name",
        digest: "00",
        ifAlreadyFinal: "fail",
        expect: undefined,
        notAfter: undefined,
        confirmWithinMs: 300_000,
        record: {},
        earlier: undefined,
        ...changes,
    };
}

/** The API and the core over it. */
export interface Api {
    readonly simulator: Simulator;
    readonly clock: RecordedClock;
    readonly context: CancelContext;
    readonly operations: () => string[];
    /** The cancel requests that the API has received. */
    readonly posts: () => number;
}

export interface ApiOptions {
    readonly faults?: FaultPlan;
    readonly stop?: AbortSignal;
    readonly cutOff?: AbortSignal;
    readonly clock?: RecordedClock;
    readonly token?: string;
}

/** The real client over HTTP; simulator and core share one recorded clock. */
export async function withApi<T>(
    actions: readonly ActionSeed[],
    work: (api: Api) => Promise<T>,
    { faults = () => undefined, stop, cutOff, clock = recordedClock(), token = "core-token" }: ApiOptions = {},
): Promise<T> {
    await using simulator = await startSimulator({ actions, now: clock.now, token: "core-token", faults });
    const settings = readSettings(() => undefined, {
        DEFENDER_API_URL: simulator.url,
        DEFENDER_ACCESS_TOKEN: token,
    });
    const context = openSession(settings, {
        clock,
        stop: stop ?? new AbortController().signal,
        ...(cutOff ? { cutOff } : {}),
        quotaStore: memoryStore(),
        log() {},
    });
    return await work({
        simulator,
        clock,
        context,
        operations: () => simulator.requests.map(({ operation }) => operation),
        posts: () =>
            simulator.requests.filter(
                ({ operation, fault, carriedOut }) => operation === "cancel" && (carriedOut || fault === undefined),
            ).length,
    });
}

/** Cancels the action. */
export async function cancelOne(context: CancelContext, changes: Partial<CancellationTarget> = {}) {
    const [result] = await cancelMachineActions([targetOf(id, changes)], context);
    if (!result) {
        throw new Error("no result");
    }
    return result;
}
