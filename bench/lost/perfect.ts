import { callTimes } from "../calls/quota-bound.ts";
import type { WaitingAction } from "./fleet.ts";
import type { SentRequests } from "./sent.ts";

interface Bound {
    readonly requests: number;
    readonly periodMs: number;
}

/** A client that knows when each machine comes back and needs no read. It cancels in the order of those times. */
export function perfectKnowledge(
    actions: readonly WaitingAction[],
    quotas: readonly Bound[],
    now: number,
): SentRequests {
    const byReturn = actions.toSorted((a, b) => a.backAt - b.backAt);
    let nth = 0;
    const sent = new Map<string, number>();
    let endedAt = now;
    for (const after of callTimes(actions.length, quotas)) {
        while ((byReturn[nth]?.backAt ?? Number.POSITIVE_INFINITY) <= now + after) {
            nth++;
        }
        const next = byReturn[nth++];
        if (next === undefined) {
            break;
        }
        endedAt = now + after;
        sent.set(next.id, endedAt);
    }
    return { sent, endedAt };
}
