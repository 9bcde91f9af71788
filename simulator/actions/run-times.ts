import { plainType } from "./machine-action.ts";

const second = 1_000;
const minute = 60 * second;

/** How long an action of a type runs on its machine. The types that are not named here take {@link shortRunMs}. */
const longRunsMs: Readonly<Record<string, number>> = {
    runantivirusscan: 30 * minute,
    collectinvestigationpackage: 10 * minute,
    liveresponse: 10 * minute,
};
const shortRunMs = 30 * second;

/** How long a Pending action waits for its machine, from its creation, before it ends as TimeOut. */
export const pendingForMs: number = 3 * 24 * 60 * minute;

/** How soon a machine that is online starts an action that was just submitted. */
export const fetchedAfterMs: number = second;

/** How soon after its submission a live response shows its commands. */
export const commandsAfterMs: number = 5 * second;

/** How long an action of this type runs, in milliseconds. Types are compared by letters and digits, in any case. */
export function runsForMs(type: string): number {
    return longRunsMs[plainType(type)] ?? shortRunMs;
}
