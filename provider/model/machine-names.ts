import { firstOf } from "../text/first-of.ts";
import { shortText } from "../text/sanitize.ts";
import { type KnownAction, machineName } from "./machine-action.ts";

/** The maximum number of machines to name for a cause. Readers do not read more, and it limits the size of a message. */
export const maxNamed = 10;

/** What a machine can be named by. */
export type NamedMachine = Pick<KnownAction, "computerDnsName" | "machineId">;

/**
 * Names machines that a reader sees together. A short name that two computers have gets its domain, and a full name that
 * two machines have gets the machine's id. The returned function gives undefined where the name is not known.
 */
export function namesAmong(machines: Iterable<NamedMachine>): (machine: NamedMachine) => string | undefined {
    const fullNames = new Map<string, Set<string>>();
    const ids = new Map<string, Set<string>>();
    for (const machine of machines) {
        const short = machineName(machine);
        if (short !== undefined) {
            add(fullNames, short.toLowerCase(), fullNameOf(machine));
            add(ids, fullNameOf(machine), machine.machineId?.toLowerCase());
        }
    }
    return (machine) => {
        const { computerDnsName = "", machineId } = machine;
        const short = machineName(machine);
        if (short === undefined) {
            return undefined;
        }
        const isShared = (fullNames.get(short.toLowerCase())?.size ?? 0) > 1;
        const name = isShared ? shortText(computerDnsName, 100) : short;
        return machineId !== undefined && (ids.get(fullNameOf(machine))?.size ?? 0) > 1
            ? `${name} (${shortText(machineId, 40)})`
            : name;
    };
}

/** {@link namesAmong} for things that have a machine. */
export function namesBy<Item>(
    items: readonly Item[],
    machineOf: (item: Item) => NamedMachine,
): (item: Item) => string | undefined {
    const nameOf = namesAmong(items.map(machineOf));
    return (item) => nameOf(machineOf(item));
}

/** The first of these actions: the names of their machines, or the actions' ids where no name is known. */
export function listMachines<Item>(
    items: readonly Item[],
    nameOf: (item: Item) => string | undefined,
    idOf: (item: Item) => string,
): string {
    return firstOf(items, maxNamed, (item) => nameOf(item) ?? idOf(item)).join(", ");
}

function fullNameOf({ computerDnsName = "" }: NamedMachine): string {
    return computerDnsName.toLowerCase();
}

function add(sets: Map<string, Set<string>>, key: string, value: string | undefined): void {
    if (value !== undefined) {
        sets.set(key, (sets.get(key) ?? new Set()).add(value));
    }
}
