import { formatTicks, type MachineActionRow, parseTicks, ticksOf } from "./machine-action.ts";

/** One machine as the API answers it; property names are the API's own. */
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
    /** The last full report, about once a day: not whether it is online. */
    lastSeen: string;
    osPlatform: string;
    healthStatus: string;
}

/** A machine to put into the simulated tenant. Everything but the id has a default; null: the API does not tell. */
export interface MachineSeed {
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
    lastSeen?: string;
}

/** The machines of one tenant: those of its actions, and those that were seeded. */
export interface Machines {
    /** All machines, by their ids; the rows may be kept. */
    rows(): readonly MachineRow[];
    /** Adds a machine, or describes one anew. Throws when the id or the time is malformed. */
    seed(seed: MachineSeed): MachineRow;
}

/** The machines that the actions in `rows`, newest first, run on. */
export function createMachines(rows: () => readonly MachineActionRow[], now: () => number): Machines {
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

    return {
        rows: () => [...all().values()],
        seed(seed) {
            const id = seed.id.toLowerCase();
            if (!/^[0-9a-f]{40}$/.test(id)) {
                throw new TypeError(`A machine's id must be 40 hex digits, not "${seed.id}".`);
            }
            if (seed.lastSeen !== undefined && parseTicks(seed.lastSeen) === undefined) {
                throw new TypeError(`lastSeen must be an ISO 8601 time, not "${seed.lastSeen}".`);
            }
            seeds.set(id, structuredClone({ ...seed, id }));
            const row = all().get(id);
            if (row === undefined) {
                throw new Error(`Machine ${id} is missing.`);
            }
            return row;
        },
    };
}

function rowOf(seed: MachineSeed, action: MachineActionRow | undefined, now: () => number): MachineRow {
    const { id, lastSeen } = seed;
    const seen = lastSeen === undefined ? undefined : parseTicks(lastSeen);
    const either = <T>(given: T | undefined, byDefault: T): T => (given === undefined ? byDefault : given);
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
        lastSeen: seen === undefined ? (action?.creationDateTimeUtc ?? formatTicks(ticksOf(now()))) : formatTicks(seen),
        osPlatform: "Windows11",
        healthStatus: "Active",
    };
}
