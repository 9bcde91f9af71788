import type { ActionConduct } from "../actions/action-conduct.ts";
import { formatTicks, type MachineActionRow, parseTicks, ticksOf } from "../actions/machine-action.ts";
import { type Presence, type PresenceSeed, presenceOf, timeOf } from "./presence.ts";

/** One machine as the API returns it; property names are the API's own. */
export interface MachineRow {
    /** 40 hex digits. */
    id: string;
    computerDnsName: string | null;
    /** `None`, `Informational`, `Low`, `Medium` or `High`. */
    riskScore: string | null;
    /** `None`, `Low`, `Medium` or `High`. */
    exposureLevel: string | null;
    machineTags: string[] | null;
    /** `Low`, `Normal` or `High`. */
    deviceValue: string | null;
    rbacGroupName: string | null;
    /** When its last full report came, about once a day. It does not show whether the machine is online. */
    lastSeen: string | null;
    osPlatform: string;
    healthStatus: string;
}

/**
 * A machine to put into the simulated tenant. Only the id has no default. Null: the API does not return the property.
 */
export interface MachineSeed extends PresenceSeed {
    /** 40 hex digits, kept in lower case. */
    id: string;
    /** Default: that of its newest action, else a host name derived from the id. */
    computerDnsName?: string | null;
    /** Default `None`. */
    riskScore?: string | null;
    /** Default `Low`. */
    exposureLevel?: string | null;
    /** Default: none. */
    machineTags?: string[] | null;
    /** Default `Normal`. */
    deviceValue?: string | null;
    /** Default `Workstations`. */
    rbacGroupName?: string | null;
    /** ISO 8601. Default: when its newest action was created, else the simulator's clock. */
    lastSeen?: string | null;
    /** How the actions run and end that are submitted on it over the API. Default: as any action does. */
    submitted?: ActionConduct;
}

/** The machines of one tenant: those of its actions, and those that were seeded. */
export interface Machines {
    /** All machines, ordered by id; the rows are copies. */
    rows(): readonly MachineRow[];
    /** One machine; a copy. */
    find(id: string): MachineRow | undefined;
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

    function all(): Map<string, MachineRow> {
        const newest = new Map<string, MachineActionRow>();
        for (const row of rows()) {
            if (row.machineId !== null && !newest.has(row.machineId)) {
                newest.set(row.machineId, row);
            }
        }
        const ids = [...new Set([...newest.keys(), ...seeds.keys()])].sort();
        return new Map(ids.map((id) => [id, rowOf(seeds.get(id) ?? { id }, newest.get(id), now)]));
    }

    function put(given: MachineSeed): MachineRow {
        const id = given.id.toLowerCase();
        if (!/^[0-9a-f]{40}$/.test(id)) {
            throw new TypeError(`A machine's id must be 40 hex digits, not "${given.id}".`);
        }
        timeOf("lastSeen", given.lastSeen ?? undefined);
        seeds.set(id, structuredClone({ ...given, id }));
        const newest = rows().find(({ machineId }) => machineId === id);
        return rowOf({ ...given, id }, newest, now);
    }

    return {
        rows: () => [...all().values()],
        find(id) {
            const seed = seeds.get(id);
            const newest = rows().find(({ machineId }) => machineId === id);
            return seed === undefined && newest === undefined ? undefined : rowOf(seed ?? { id }, newest, now);
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

function rowOf(seed: MachineSeed, action: MachineActionRow | undefined, now: () => number): MachineRow {
    const { id, lastSeen } = seed;
    const seen = typeof lastSeen === "string" ? parseTicks(lastSeen) : undefined;
    const byDefault = lastSeen === null ? null : (action?.creationDateTimeUtc ?? formatTicks(ticksOf(now())));
    const either = <T>(given: T | undefined, usual: T): T => (given === undefined ? usual : given);
    return {
        id,
        computerDnsName: either(
            seed.computerDnsName,
            action?.computerDnsName ?? `ws-${id.slice(0, 6)}.contoso.example`,
        ),
        riskScore: either(seed.riskScore, "None"),
        exposureLevel: either(seed.exposureLevel, "Low"),
        machineTags: either(seed.machineTags && [...seed.machineTags], []),
        deviceValue: either(seed.deviceValue, "Normal"),
        rbacGroupName: either(seed.rbacGroupName, "Workstations"),
        lastSeen: seen === undefined ? byDefault : formatTicks(seen),
        osPlatform: "Windows11",
        healthStatus: "Active",
    };
}
