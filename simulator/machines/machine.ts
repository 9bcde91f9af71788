import { type MachineActionRow, parseTicks } from "../actions/machine-action.ts";
import type { MachineRow, MachineSeed } from "./machine-row.ts";
import { createMachineRows } from "./machine-rows.ts";

export type { IpAddress, MachineRow, MachineSeed, VmMetadata } from "./machine-row.ts";

/** The machines of one tenant: those of its actions, and those that were seeded. */
export interface Machines {
    /** All machines, ordered by id. The rows are not copies: copy them before they are changed. */
    rows(): readonly MachineRow[];
    /** The machine with that id or computer name, in any case. */
    find(idOrName: string): MachineRow | undefined;
    /** Adds a machine, or replaces its properties. Throws when the id or a time is malformed. */
    seed(seed: MachineSeed): MachineRow;
    /** Adds a machine, or changes only the properties that the seed names. Throws as {@link seed} does. */
    change(seed: MachineSeed): MachineRow;
}

/** The parts of a simulated tenant that its machines use. */
export interface MachineSources {
    /** The actions that run on them, newest first. */
    readonly rows: () => readonly MachineActionRow[];
    /** Milliseconds since the epoch. */
    readonly now: () => number;
    /** Sets when a machine comes online, milliseconds since the epoch; undefined if the time is not known. */
    readonly setBackAt: (machineId: string, time: number | undefined) => void;
}

/** The machines that the actions run on, and the machines that are seeded. */
export function createMachines({ rows, now, setBackAt }: MachineSources): Machines {
    const seeds = new Map<string, MachineSeed>();
    const rowOf = createMachineRows(now);
    let ids: readonly string[] = [];

    function all(): MachineRow[] {
        const newest = new Map<string, MachineActionRow>();
        for (const row of rows()) {
            if (row.machineId !== null && !newest.has(row.machineId)) {
                newest.set(row.machineId, row);
            }
        }
        const known = new Set([...newest.keys(), ...seeds.keys()]);
        // No machine ever goes, so that the same number of machines is the same machines.
        ids = known.size === ids.length ? ids : [...known].sort();
        return ids.map((id) => rowOf(id, seeds.get(id), newest.get(id)));
    }

    function seed(given: MachineSeed): MachineRow {
        const id = given.id.toLowerCase();
        if (!/^[0-9a-f]{40}$/.test(id)) {
            throw new TypeError(`A machine's id must be 40 hex digits, not "${given.id}".`);
        }
        timeOf("firstSeen", given.firstSeen ?? undefined);
        timeOf("lastSeen", given.lastSeen ?? undefined);
        const backAt = timeOf("backAt", given.backAt);
        const kept = structuredClone({ ...given, id });
        seeds.set(id, kept);
        setBackAt(id, backAt);
        const newest = rows().find(({ machineId }) => machineId === id);
        return rowOf(id, kept, newest);
    }

    return {
        rows: all,
        find(idOrName) {
            const key = idOrName.toLowerCase();
            const machines = all();
            return machines.find(({ id }) => id === key) ?? machines.find((row) => isNamed(row, key));
        },
        seed,
        change: (changes) => seed({ ...seeds.get(changes.id.toLowerCase()), ...changes }),
    };
}

function isNamed({ computerDnsName }: MachineRow, name: string): boolean {
    return computerDnsName?.toLowerCase() === name;
}

/** Milliseconds since the epoch; throws when the text is not a time. */
function timeOf(name: string, text: string | undefined): number | undefined {
    const ticks = text === undefined ? undefined : parseTicks(text);
    if (text !== undefined && ticks === undefined) {
        throw new TypeError(`${name} must be an ISO 8601 time, not "${text}".`);
    }
    return ticks === undefined ? undefined : Number(ticks / 10_000n);
}
