import { createHash } from "node:crypto";
import { defaultCaller } from "../access/access-token.ts";
import { formatTicks, type MachineActionRow, parseTicks } from "../actions/machine-action.ts";
import type { MachineRow } from "../machines/machine-row.ts";
import { compareTimes } from "../time/api-time.ts";
import type { AlertRow } from "./alert.ts";

const second = 10_000_000n;
const minute = 60n * second;

/**
 * The alerts of machines, newest first: one each. The alert of a machine with a risk score has that severity and is New;
 * the alert of any other machine is Informational and Resolved. It came before the machine's first action. Its id and
 * its times are always the same.
 *
 * @param actions all machine actions, newest first
 */
export function alertsOf(machines: readonly MachineRow[], actions: readonly MachineActionRow[]): AlertRow[] {
    const first = new Map<string, string>();
    for (const { machineId, creationDateTimeUtc } of actions) {
        if (machineId !== null) {
            first.set(machineId, creationDateTimeUtc);
        }
    }
    return machines
        .map((machine) => alertOf(machine, first.get(machine.id)))
        .sort((a, b) => compareTimes(b.alertCreationTime, a.alertCreationTime) || (a.id < b.id ? -1 : 1));
}

function alertOf(
    { id, computerDnsName, rbacGroupName, riskScore, firstSeen }: MachineRow,
    firstAction?: string,
): AlertRow {
    const hash = createHash("sha256").update(`alert ${id}`).digest();
    const hex = hash.toString("hex");
    const isRisk = riskScore !== null && riskScore.toLowerCase() !== "none";
    const ticks = parseTicks(firstAction ?? firstSeen ?? "2024-01-01");
    const created = (ticks ?? 0n) - BigInt(2 + (hash.readUInt8(0) % 28)) * minute - BigInt(hash.readUInt16BE(1));
    const time = (later: bigint): string => formatTicks(created + later);
    return {
        id: `da${637_000_000_000_000_000n + BigInt(hash.readUInt32BE(3))}_${hash.readInt32BE(7)}`,
        incidentId: 1 + (hash.readUInt32BE(11) % 1_000_000),
        investigationId: null,
        assignedTo: null,
        severity: isRisk ? riskScore : "Informational",
        status: isRisk ? "New" : "Resolved",
        classification: isRisk ? null : "FalsePositive",
        determination: null,
        investigationState: "UnsupportedAlertType",
        detectionSource: "WindowsDefenderAtp",
        detectorId: `${hex.slice(30, 38)}-${hex.slice(38, 42)}-4${hex.slice(42, 45)}-8${hex.slice(45, 48)}-${hex.slice(48, 60)}`,
        category: "Execution",
        threatFamilyName: null,
        title: "Suspicious PowerShell command line",
        description: "A simulated alert.",
        alertCreationTime: time(0n),
        firstEventTime: time(-90n * second),
        lastEventTime: time(-60n * second),
        lastUpdateTime: time(2n * second),
        resolvedTime: isRisk ? null : time(minute),
        machineId: id,
        computerDnsName,
        rbacGroupName,
        aadTenantId: defaultCaller.tenantId,
        threatName: null,
        mitreTechniques: ["T1059.001"],
        relatedUser: null,
        comments: [],
        evidence: [
            {
                entityType: "File",
                evidenceCreationTime: time(second),
                sha1: createHash("sha1").update(hash).digest("hex"),
                sha256: hex,
                fileName: "powershell.exe",
                filePath: String.raw`C:\Windows\System32\WindowsPowerShell\v1.0`,
                detectionStatus: "Detected",
            },
        ],
    };
}
