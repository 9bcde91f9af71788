import type { MachineActionRow } from "../actions/machine-action.ts";
import type { SimulatorOptions } from "../simulator-options.ts";

/** Finds the actions that were issued again by time, not by a request or a command. */
export interface ReissueWatch {
    /** The action was made by a request or a command. */
    know(id: string): void;
    /** The re-issues since the last check, oldest first. */
    check(): MachineActionRow[];
}

/** Watches the actions for new ones of these requestors. `actions` are all actions, newest first. */
export function watchReissues(requestors: ReadonlySet<string>, actions: () => MachineActionRow[]): ReissueWatch {
    const known = new Set(actions().map(({ id }) => id));
    return {
        know: (id) => void known.add(id),
        check() {
            const added = actions().filter(({ id }) => !known.has(id));
            for (const { id } of added) {
                known.add(id);
            }
            return added.filter(({ requestor }) => requestors.has(requestor)).reverse();
        },
    };
}

/** Who issues cancelled actions again by itself. */
export function reissuersOf({ actions = [], machines = [] }: SimulatorOptions): Set<string> {
    const conducts = [...actions, ...machines.map(({ submitted }) => submitted ?? {})];
    return new Set(conducts.flatMap(({ reissuedBy }) => (reissuedBy === undefined ? [] : [reissuedBy])));
}
