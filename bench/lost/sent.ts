import type { ActionSeed } from "../../simulator/index.ts";
import type { WaitingAction } from "./fleet.ts";

/** The time at which the cancel request for each action reached the API; milliseconds since the epoch. */
export interface SentRequests {
    readonly sent: ReadonlyMap<string, number>;
    readonly endedAt: number;
}

/** How long an action that its machine has fetched takes to end after its cancel request, in milliseconds. */
const settleMs = 10_000;

/** The action as the simulator takes it, without its machine. */
export function seedOf({ id, createdAt }: WaitingAction): ActionSeed {
    return { id, settleMs, creationDateTimeUtc: new Date(createdAt).toISOString() };
}

/**
 * How many actions ran because their machine came back before their cancel request had reached the API. Throws if an
 * action is still open although its machine has not come back.
 */
export function countLost(actions: readonly WaitingAction[], { sent, endedAt }: SentRequests): number {
    const isLost = ({ id, backAt }: WaitingAction) => backAt <= (sent.get(id) ?? endedAt);
    const left = actions.filter((action) => !sent.has(action.id) && !isLost(action));
    if (left.length > 0) {
        throw new Error(`${left.length} of ${actions.length} actions were left Pending`);
    }
    return actions.filter(isLost).length;
}
