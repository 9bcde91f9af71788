import type { ActionConduct } from "../actions/action-conduct.ts";
import type { MachineActionRow } from "../actions/machine-action.ts";
import type { MachineRow, MachineSeed } from "./machine-row.ts";
import { createMachineRows } from "./machine-rows.ts";
import { type Presence, presenceOf, timeOf } from "./presence.ts";

/** The machines of one tenant: those of its actions, and those that were seeded. */
export interface Machines {
    /** All machines, ordered by id. The rows are not copies: copy them before they are changed. */
    rows(): readonly MachineRow[];
    /** The machine with that id or computer name, in any case. */
    find(idOrName: string): MachineRow | undefined;
    /** How the actions run and end that are submitted on this machine. */
    conductOf(id: string): ActionConduct;
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
    /** Sets when a machine is online; undefined: nothing happens by itself on it. */
    readonly setPresence: (machineId: string, presence: Presence | undefined) => void;
    /** Lets a machine go online or offline now. */
    readonly setOnline: (machineId: string, online: boolean) => void;
}

/** The machines that the actions run on, and the machines that are seeded. */
export function createMachines({ rows, now, setPresence, setOnline }: MachineSources): Machines {
    const seeds = new Map<string, MachineSeed>();
    const rowOf = createMachineRows(now);
    let ids: readonly string[] = [];

    const newestActions = createNewestActions(rows);

    function all(): MachineRow[] {
        const newest = newestActions();
        const known = new Set([...newest.keys(), ...seeds.keys()]);
        // Machines are never removed, so an equal number means the same machines.
        ids = known.size === ids.length ? ids : [...known].sort();
        return ids.map((id) => rowOf(id, seeds.get(id), newest.get(id)));
    }

    function put(given: MachineSeed): MachineRow {
        const id = given.id.toLowerCase();
        if (!/^[0-9a-f]{40}$/.test(id)) {
            throw new TypeError(`A machine's id must be 40 hex digits, not "${given.id}".`);
        }
        timeOf("firstSeen", given.firstSeen ?? undefined);
        timeOf("lastSeen", given.lastSeen ?? undefined);
        const kept = structuredClone({ ...given, id });
        seeds.set(id, kept);
        return rowOf(id, kept, newestActions().get(id));
    }

    return {
        rows: all,
        find(idOrName) {
            const key = idOrName.toLowerCase();
            const machines = all();
            return machines.find(({ id }) => id === key) ?? machines.find((row) => isNamed(row, key));
        },
        conductOf: (id) => seeds.get(id)?.submitted ?? {},
        seed(given) {
            const presence = presenceOf(given);
            const row = put(given);
            setPresence(row.id, presence);
            return row;
        },
        change(changes) {
            const presence = presenceOf(changes);
            const row = put({ ...seeds.get(changes.id.toLowerCase()), ...changes });
            if (presence !== undefined && presence.changes.length === 0) {
                setOnline(row.id, presence.online);
            } else if (presence !== undefined) {
                setPresence(row.id, presence);
            }
            return row;
        },
    };
}

/**
 * The newest action of each machine. The actions are searched again only when there is a new one, or when the machine of
 * one that showed none is shown, because a tenant begins with thousands of machines.
 */
function createNewestActions(rows: MachineSources["rows"]): () => ReadonlyMap<string, MachineActionRow> {
    let searched: readonly MachineActionRow[] | undefined;
    let withoutMachine: MachineActionRow[] = [];
    let newest = new Map<string, MachineActionRow>();
    return () => {
        const current = rows();
        if (current !== searched || withoutMachine.some(({ machineId }) => machineId !== null)) {
            searched = current;
            withoutMachine = [];
            newest = new Map();
            for (const row of current) {
                const { machineId } = row;
                if (machineId === null) {
                    withoutMachine.push(row);
                } else if (!newest.has(machineId)) {
                    newest.set(machineId, row);
                }
            }
        }
        return newest;
    };
}

function isNamed({ computerDnsName }: MachineRow, name: string): boolean {
    return computerDnsName?.toLowerCase() === name;
}
