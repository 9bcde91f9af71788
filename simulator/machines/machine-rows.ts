import { createHash } from "node:crypto";
import {
    formatTicks,
    formatTime,
    guidIn,
    type MachineActionRow,
    parseTicks,
    ticksOf,
} from "../actions/machine-action.ts";
import { compareTimes } from "../time/api-time.ts";
import type { MachineRow, MachineSeed } from "./machine-row.ts";

type Seed = MachineSeed | undefined;
type Action = MachineActionRow | undefined;

/**
 * Returns the row of a machine that its seed and its newest action describe. A row is built again only when one of them
 * has changed, because each list shows all machines.
 */
export function createMachineRows(now: () => number): (id: string, seed: Seed, newest: Action) => MachineRow {
    const built = new Map<string, { seed: Seed; created: unknown; name: unknown; row: MachineRow }>();
    return (id, seed, newest) => {
        const created = newest?.creationDateTimeUtc;
        const name = newest?.computerDnsName;
        let known = built.get(id);
        if (known === undefined || known.seed !== seed || known.created !== created || known.name !== name) {
            const row = machineRow(seed ?? { id }, newest, formatTime(now()));
            known = { seed, created, name, row };
            built.set(id, known);
        }
        const isSeenNow = newest === undefined && seed?.lastSeen === undefined;
        return isSeenNow ? { ...known.row, lastSeen: formatTime(now()) } : known.row;
    };
}

/** The row of a machine, whose properties have the order in which the API shows them. */
function machineRow(seed: MachineSeed, newest: Action, now: string): MachineRow {
    const usual = usualRow(seed, newest, now);
    const given = Object.entries(seed).filter(([name, value]) => Object.hasOwn(usual, name) && value !== undefined);
    return {
        ...usual,
        ...structuredClone(Object.fromEntries(given)),
        firstSeen: seed.firstSeen === undefined ? usual.firstSeen : apiTime(seed.firstSeen),
        lastSeen: seed.lastSeen === undefined ? usual.lastSeen : apiTime(seed.lastSeen),
    };
}

function apiTime(time: string | null): string | null {
    const ticks = time === null ? undefined : parseTicks(time);
    return ticks === undefined ? null : formatTicks(ticks);
}

const releases = [
    { version: "23H2", osBuild: 22631 },
    { version: "24H2", osBuild: 26100 },
    { version: "25H2", osBuild: 26200 },
] as const;

const day = 24 * 60 * 60_000;

function usualRow(seed: MachineSeed, newest: Action, now: string): MachineRow {
    const { id, rbacGroupName = "Workstations" } = seed;
    const hash = createHash("sha256").update(`machine ${id}`).digest();
    const hex = hash.toString("hex");
    const { version, osBuild } = releases[hash.readUInt8(0) % releases.length] ?? releases[0];
    const lastIpAddress = `10.${hash.readUInt8(1)}.${hash.readUInt8(2)}.${1 + (hash.readUInt8(3) % 254)}`;
    const lastSeen = newest?.creationDateTimeUtc ?? now;
    return {
        id,
        mergedIntoMachineId: null,
        isPotentialDuplication: false,
        isExcluded: false,
        exclusionReason: null,
        computerDnsName: newest?.computerDnsName ?? `ws-${id.slice(0, 6)}.contoso.example`,
        firstSeen: firstSeen(hash, apiTime(seed.lastSeen ?? null) ?? lastSeen),
        lastSeen,
        osPlatform: "Windows11",
        osVersion: null,
        osProcessor: "x64",
        version,
        lastIpAddress,
        lastExternalIpAddress: `203.0.113.${1 + (hash.readUInt8(4) % 254)}`,
        agentVersion: `10.8760.${osBuild}.${1000 + hash.readUInt8(5)}`,
        osBuild,
        healthStatus: "Active",
        deviceValue: "Normal",
        rbacGroupId: groupId(rbacGroupName),
        rbacGroupName: "Workstations",
        riskScore: "None",
        exposureLevel: "Low",
        isAadJoined: true,
        aadDeviceId: guidIn(hex.slice(12)),
        machineTags: [],
        defenderAvStatus: "Updated",
        onboardingStatus: "Onboarded",
        osArchitecture: "64-bit",
        managedBy: "Intune",
        managedByStatus: "Unknown",
        ipAddresses: addresses(seed.lastIpAddress === undefined ? lastIpAddress : seed.lastIpAddress, hex),
        vmMetadata: null,
    };
}

/** A time in 2024, or `latest` if that is earlier. */
function firstSeen(hash: Buffer, latest: string): string {
    const time = Date.UTC(2024, 0, 1) + (hash.readUInt16BE(22) % 366) * day + (hash.readUInt32BE(24) % day);
    const usual = formatTicks(ticksOf(time) + BigInt(hash.readUInt16BE(28) % 10_000));
    return compareTimes(usual, latest) < 0 ? usual : latest;
}

function groupId(name: string | null): number {
    return name === null ? 0 : 1 + (createHash("sha256").update(`group ${name}`).digest().readUInt16BE(0) % 999);
}

function addresses(ipAddress: string | null, hex: string): MachineRow["ipAddresses"] {
    const adapter = {
        macAddress: `00155D${hex.slice(44, 50).toUpperCase()}`,
        type: "Ethernet",
        operationalStatus: "Up",
    };
    const linkLocal = `fe80::${hex.slice(50, 54)}:${hex.slice(54, 58)}:${hex.slice(58, 62)}`;
    return ipAddress === null ? [] : [ipAddress, linkLocal].map((address) => ({ ipAddress: address, ...adapter }));
}
