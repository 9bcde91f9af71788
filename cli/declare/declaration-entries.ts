import { describeDetails, type MachineAction, summarizeCommands } from "../../provider/model/machine-action.ts";
import type { DeclarationEntry } from "../../provider/schema/declaration-file/declaration-schema.ts";
import { expectable, observedValue } from "../../provider/schema/input-rules.ts";

/**
 * The entry for an action, with the observed values in `expect`. A reviewer sees these values, and an action with other
 * values is refused.
 */
export function entryOf(action: MachineAction): DeclarationEntry {
    const known = expectable.flatMap((name) => {
        const value = observedValue(action, name);
        return value === undefined ? [] : [[name, value] as const];
    });
    return { machineActionId: action.id, ...(known.length > 0 ? { expect: Object.fromEntries(known) } : {}) };
}

/**
 * Comments for a reviewer, by the action's id. Each action with a title or commands gets a comment. All other details
 * are in `expect`.
 */
export function notesOn(actions: readonly MachineAction[]): ReadonlyMap<string, string> {
    const notes = actions.flatMap(({ id, type, title, commands }): [string, string][] => {
        const details = describeDetails({ title, commandSummary: summarizeCommands({ commands }) });
        return details === "" ? [] : [[id, `${type ?? "machine action"}${details}`]];
    });
    return new Map(notes);
}

/** Sorts by computer name, so that a reviewer finds a computer, then by id. Entries without a computer come last. */
export function byMachine(one: DeclarationEntry, other: DeclarationEntry): number {
    const key = ({ expect, machineActionId }: DeclarationEntry) => [
        expect?.computerDnsName?.toLowerCase() ?? "\uffff",
        machineActionId.toLowerCase(),
    ];
    const [[a = "", b = ""], [c = "", d = ""]] = [key(one), key(other)];
    return a === c ? (b < d ? -1 : 1) : a < c ? -1 : 1;
}

/** Whether a cancellation comes too late for the action. */
export function isTooLate({ status }: MachineAction): boolean {
    return status === "Succeeded" || status === "Failed";
}

/**
 * The properties with which an entry accepts that its action ended before it was cancelled. An existing note is kept.
 */
export function acknowledgement(
    action: MachineAction,
    entry: DeclarationEntry,
): Pick<DeclarationEntry, "ifAlreadyFinal" | "note"> {
    const when = action.lastUpdateDateTimeUtc?.replace(/\.\d+Z$/, "Z");
    return {
        ifAlreadyFinal: "accept",
        note: entry.note ?? `acknowledged: ${action.status}${when ? ` at ${when}` : ""}`,
    };
}
