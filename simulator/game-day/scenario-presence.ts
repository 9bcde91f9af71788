import { beginsPending } from "../actions/action-conduct.ts";
import type { ActionSeed } from "../actions/action-seed.ts";
import { isFinal } from "../actions/machine-action.ts";

/** Long enough for a game day: who rehearses on a scenario finds its actions in progress still running. */
const runsForMs = 60 * 60_000;

/**
 * Puts the machines online on which actions run or have ended, so that what is submitted there starts and ends by
 * itself. A machine with a Pending action is not online, or it would have fetched the action. The machines whose
 * presence a seed describes stay as they are.
 */
export function withPresence(seeds: readonly ActionSeed[]): ActionSeed[] {
    const waiting = new Set(seeds.filter((seed) => statusOf(seed) === "Pending").map(({ machineId }) => machineId));
    return seeds.map((seed) => {
        const { machineId, machine = {} } = seed;
        const isDescribed = ["online", "backAt", "onlineChanges"].some((name) => name in machine);
        const isWaiting = statusOf(seed) === "Pending" || (machineId !== undefined && waiting.has(machineId));
        if (isDescribed || isWaiting) {
            return seed;
        }
        return { ...(isFinal(statusOf(seed)) ? {} : { runsForMs }), ...seed, machine: { ...machine, online: true } };
    });
}

function statusOf({ status, behaviour = "pending" }: ActionSeed): string {
    return status ?? (beginsPending(behaviour) ? "Pending" : "InProgress");
}
