import type { ActionSeed } from "./action-seed.ts";
import { commandsOf } from "./live-response.ts";
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
const commandRunMs = 10 * second;

/** How long a Pending action waits for its machine, from its creation, before it ends as TimeOut. */
export const pendingForMs: number = 3 * 24 * 60 * minute;

/** How soon after its submission a live response shows its commands. */
export const commandsAfterMs: number = 5 * second;

/** How soon a machine that is online starts an action: a live response shows its commands as Created before. */
export function startsAfterMs({ liveResponse }: ActionSeed): number {
    return second + (liveResponse === undefined ? 0 : (liveResponse.commandsAfterMs ?? commandsAfterMs));
}

/**
 * How long after its start each command of an action is over, in milliseconds; the last one is the end of the action.
 * An action without commands, or one that does not succeed, has its end only.
 */
export function endsAfterMs(type: string, seed: ActionSeed): number[] {
    const commands = commandsOf(seed)?.length ?? 0;
    const usual = commands > 0 ? commands * (seed.liveResponse?.commandRunsForMs ?? commandRunMs) : runsForMs(type);
    const total = seed.runsForMs ?? usual;
    const steps = (seed.endsAs ?? "Succeeded") === "Succeeded" ? Math.max(commands, 1) : 1;
    return Array.from({ length: steps }, (_, nth) => (total * (nth + 1)) / steps);
}

/** How long an action of this type runs, in milliseconds. Types are compared by letters and digits, in any case. */
function runsForMs(type: string): number {
    return longRunsMs[plainType(type)] ?? shortRunMs;
}
