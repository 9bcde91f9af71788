import type { ActionConduct } from "../actions/action-conduct.ts";
import type { MachineActionRow } from "../actions/machine-action.ts";
import { createMachineRows } from "./machine-rows.ts";
import { type Presence, type PresenceSeed, presenceOf, timeOf } from "./presence.ts";

/** One machine as the API returns it; property names are the API's own. Null: the API does not know the property. */
export interface MachineRow {
    /** 40 hex digits. */
    id: string;
    /** The machine that this one became, 40 hex digits. */
    mergedIntoMachineId: string | null;
    isPotentialDuplication: boolean | null;
    isExcluded: boolean | null;
    exclusionReason: string | null;
    computerDnsName: string | null;
    firstSeen: string | null;
    /** When its last full report came, about once a day. It does not show whether the machine is online. */
    lastSeen: string | null;
    osPlatform: string | null;
    osVersion: string | null;
    osProcessor: string | null;
    version: string | null;
    lastIpAddress: string | null;
    lastExternalIpAddress: string | null;
    agentVersion: string | null;
    osBuild: number | null;
    /** `Active`, `Inactive`, `ImpairedCommunication`, `NoSensorData`, `NoSensorDataImpairedCommunication`, `Unknown`. */
    healthStatus: string | null;
    /** `Low`, `Normal` or `High`. */
    deviceValue: string | null;
    /** 0 for a machine in no group. */
    rbacGroupId: number | null;
    /** The API shows it, but does not filter by it. */
    rbacGroupName: string | null;
    /** `None`, `Informational`, `Low`, `Medium` or `High`. */
    riskScore: string | null;
    /** `None`, `Low`, `Medium` or `High`. */
    exposureLevel: string | null;
    isAadJoined: boolean | null;
    /** GUID. */
    aadDeviceId: string | null;
    machineTags: string[] | null;
    defenderAvStatus: string | null;
    /** `Onboarded`, `CanBeOnboarded`, `Unsupported` or `InsufficientInfo`. */
    onboardingStatus: string | null;
    /** `32-bit` or `64-bit`. */
    osArchitecture: string | null;
    managedBy: string | null;
    managedByStatus: string | null;
    ipAddresses: IpAddress[] | null;
    vmMetadata: VmMetadata | null;
}

/** An address of a machine's network adapter. */
export interface IpAddress {
    ipAddress: string;
    /** 12 hex digits. */
    macAddress: string | null;
    type: string | null;
    /** `Up` or `Down`. */
    operationalStatus: string | null;
}

/** The virtual machine of a cloud that a machine is. */
export interface VmMetadata {
    vmId: string | null;
    cloudProvider: string | null;
    resourceId: string | null;
    subscriptionId: string | null;
}

/**
 * A machine to put into the simulated tenant. Only the id has no default. Null: the API does not return the property. A
 * default that depends on the id is always the same for an id.
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
    /** Default: a number that depends on the name of the group. */
    rbacGroupId?: number | null;
    /** ISO 8601. Default: when its newest action was created, else the simulator's clock. */
    lastSeen?: string | null;
    /** How the actions run and end that are submitted on it over the API. Default: as any action does. */
    submitted?: ActionConduct;
    /** ISO 8601. Default: a time in 2024 that depends on the id, or `lastSeen` if that is earlier. */
    firstSeen?: string | null;
    /** Default `Active`. */
    healthStatus?: string | null;
    /** Default `Onboarded`. */
    onboardingStatus?: string | null;
    /** Default `Windows11`. */
    osPlatform?: string | null;
    /** Default: a release of Windows 11 that depends on the id, such as `24H2`. */
    version?: string | null;
    /** Default: the build of that release. */
    osBuild?: number | null;
    /** Default null. */
    osVersion?: string | null;
    /** Default `x64`. */
    osProcessor?: string | null;
    /** Default `64-bit`. */
    osArchitecture?: string | null;
    /** Default: a version that depends on the id. */
    agentVersion?: string | null;
    /** Default: an address in 10.0.0.0/8 that depends on the id. */
    lastIpAddress?: string | null;
    /** Default: an address in 203.0.113.0/24 that depends on the id. */
    lastExternalIpAddress?: string | null;
    /** Default: `lastIpAddress` and a link-local address, of one adapter. */
    ipAddresses?: IpAddress[] | null;
    /** Default `true`. */
    isAadJoined?: boolean | null;
    /** Default: a GUID that depends on the id. */
    aadDeviceId?: string | null;
    /** Default `Updated`. */
    defenderAvStatus?: string | null;
    /** Default `Intune`. */
    managedBy?: string | null;
    /** Default `Unknown`. */
    managedByStatus?: string | null;
    /** Default null. */
    mergedIntoMachineId?: string | null;
    /** Default `false`. */
    isPotentialDuplication?: boolean | null;
    /** Default `false`. */
    isExcluded?: boolean | null;
    /** Default null. */
    exclusionReason?: string | null;
    /** Default null. */
    vmMetadata?: VmMetadata | null;
}

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

    function put(given: MachineSeed): MachineRow {
        const id = given.id.toLowerCase();
        if (!/^[0-9a-f]{40}$/.test(id)) {
            throw new TypeError(`A machine's id must be 40 hex digits, not "${given.id}".`);
        }
        timeOf("firstSeen", given.firstSeen ?? undefined);
        timeOf("lastSeen", given.lastSeen ?? undefined);
        const kept = structuredClone({ ...given, id });
        seeds.set(id, kept);
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

function isNamed({ computerDnsName }: MachineRow, name: string): boolean {
    return computerDnsName?.toLowerCase() === name;
}
