import { createQuotaLedger, type Quota } from "../../simulator/access/quota.ts";
import { createFleet } from "../../simulator/actions/fleet.ts";
import { isFinal } from "../../simulator/actions/machine-action.ts";
import type { ApiError } from "../../simulator/http/errors.ts";
import { simulatedTime } from "../../test/helpers/simulated-time.ts";
import { atMost } from "../calls/ways.ts";
import type { WaitingAction } from "./fleet.ts";
import { type SentRequests, seedOf } from "./sent.ts";

/** The pause of the clients that poll one action at a time, in milliseconds. */
const pollMs = 5_000;

const caller = { tenantId: "tenant", appId: "app" };

/**
 * Clients that send a cancel request and read until the status is final, `atOnce` at a time, in the order of the
 * actions. They are modelled on the simulator's fleet and quota, without HTTP, so a call takes no time. A refused call
 * is repeated after Retry-After; an action that has already ended is skipped.
 */
export async function pollingClient(
    actions: readonly WaitingAction[],
    quotas: readonly Quota[],
    atOnce: number,
): Promise<SentRequests> {
    const time = simulatedTime();
    const fleet = createFleet(time.now);
    const ledger = createQuotaLedger(quotas, time.now);
    for (const action of actions) {
        const { machineId } = fleet.seed(seedOf(action));
        fleet.setPresence(machineId ?? "", { online: false, changes: [{ at: action.backAt, online: true }] });
    }
    const sent = new Map<string, number>();

    async function granted(): Promise<void> {
        for (;;) {
            try {
                return ledger.take(caller);
            } catch (error) {
                await time.sleep(Number((error as ApiError).headers["retry-after"]) * 1_000);
            }
        }
    }

    async function cancel({ id }: WaitingAction): Promise<void> {
        await granted();
        sent.set(id, time.now());
        if (fleet.cancel(id, caller.appId, "INC-4711").outcome !== "accepted") {
            return;
        }
        for (await granted(); !isFinal(fleet.find(id)?.status ?? ""); await granted()) {
            await time.sleep(pollMs);
        }
    }

    await time.run(atMost(atOnce, actions, cancel));
    return { sent, endedAt: time.now() };
}
