import type { Agenda } from "../time/agenda.ts";
import type { ActionState } from "./action-state.ts";
import { commandsOf, createdCommands, endedCommands, executingCommands } from "./live-response.ts";
import { isFinal } from "./machine-action.ts";
import { commandsAfterMs } from "./run-times.ts";

/** Shows the commands that a new live response has, or plans when they are shown. */
export function showCommands(agenda: Agenda, { row, seed }: ActionState, time: number): void {
    const commands = commandsOf(seed);
    if (commands === undefined || row.commands.length > 0) {
        return;
    }
    const created = row.creationDateTimeUtc;
    if (row.status === "Succeeded") {
        row.commands = endedCommands(createdCommands(commands), row.status, created);
    } else if (row.status === "InProgress") {
        row.commands = executingCommands(commands, created);
    } else if (!isFinal(row.status)) {
        agenda.after(time, seed.liveResponse?.commandsAfterMs ?? commandsAfterMs, () => {
            if (row.commands.length === 0 && !isFinal(row.status)) {
                row.commands = createdCommands(commands);
            }
        });
    }
}

/** Hides the machine of a new action, and plans when it is shown. */
export function hideMachine(agenda: Agenda, { row, seed, machine }: ActionState, time: number): void {
    if (seed.machineShownAfterMs !== undefined && seed.machineShownAfterMs > 0) {
        row.machineId = null;
        row.computerDnsName = null;
        agenda.after(time, seed.machineShownAfterMs, () => Object.assign(row, machine));
    }
}
