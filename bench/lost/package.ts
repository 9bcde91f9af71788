import { setLifecycle } from "../../provider/lifecycles/set/set-lifecycle.ts";
import { limits } from "../../provider/schema/limits.ts";
import type { SimulatorOptions } from "../../simulator/index.ts";
import { simulatedApi } from "../../test/helpers/simulated-api.ts";
import type { WaitingAction } from "./fleet.ts";
import { type SentRequests, seedOf } from "./sent.ts";

/**
 * One MachineActionCancellationSet, through its lifecycle as the SDK's plugin calls it, against the simulator over
 * HTTP. `isSeen`: whether the API returns when the machines were last seen.
 */
export async function cancelAsSet(
    actions: readonly WaitingAction[],
    quotas: NonNullable<SimulatorOptions["quotas"]>,
    isSeen: boolean,
): Promise<SentRequests> {
    const iso = (time: number) => new Date(time).toISOString();
    await using api = await simulatedApi({
        quotas,
        actions: actions.map((action) => ({
            ...seedOf(action),
            machine: { backAt: iso(action.backAt), lastSeen: isSeen ? iso(action.lastSeen) : null },
        })),
    });
    const { create } = setLifecycle(() => api.session, { log: () => {} });
    // Actions that ran fail the set; here they are counted.
    await api.time.run(
        create({
            cancellations: actions.map(({ id }) => ({ machineActionId: id })),
            comment: "INC-4711: playbook 12 isolated the wrong machines",
            declaredBy: "incident/prod/wrong",
            __provider: "exports.handler = …",
            maxCancellations: limits.maxCancellations,
        }).catch(() => {}),
    );
    const sent = new Map<string, number>();
    for (const { actionId = "", status, at } of api.requests("cancel")) {
        if (status !== 429 && !sent.has(actionId)) {
            sent.set(actionId, at);
        }
    }
    return { sent, endedAt: api.time.now() };
}
