import { readableTime } from "../../provider/system/clock.ts";
import { eventLines } from "../events/event-lines.ts";
import { type AuditedTenant, undeclaredEvent } from "../events/undeclared-events.ts";
import type { Printer } from "../printer.ts";
import { table } from "../table.ts";
import type { Ranked } from "./ranking.ts";

/** The formats of `audit`. */
export const auditFormats = ["text", "json", "ocsf", "asim"] as const;

export type AuditFormat = (typeof auditFormats)[number];

/** Prints the undeclared cancellations. Without any, it prints nothing. */
export function printFound(
    found: readonly Ranked[],
    format: AuditFormat,
    tenant: AuditedTenant,
    printer: Printer,
): void {
    if (found.length === 0) {
        return;
    }
    switch (format) {
        case "json":
            for (const one of found) {
                printer.json(lineOf(one));
            }
            break;
        case "text":
            printer.out(tableOf(found));
            break;
        default:
            printer.out(
                eventLines(
                    found.map((one) => undeclaredEvent(one, tenant)),
                    format,
                ),
            );
    }
}

const columns = [
    { heading: "CANCELLED", most: 20 },
    { heading: "BY", most: 40 },
    { heading: "TYPE", most: 24 },
    { heading: "MACHINE", most: 40 },
    { heading: "ID", most: 36 },
    { heading: "WHY", most: 180 },
    { heading: "COMMENT", most: 100 },
];

function tableOf(found: readonly Ranked[]): string {
    return table(
        columns,
        found.map(({ action, cancelledAt, reasons }) => [
            readableTime(cancelledAt),
            action.cancellationRequestor,
            action.type,
            action.computerDnsName ?? action.machineId,
            action.id,
            reasons.join("; "),
            action.cancellationComment,
        ]),
    );
}

function lineOf({ action, reasons }: Ranked) {
    const { id: machineActionId, commands: _, ...described } = action;
    return { machineActionId, reasons, ...described };
}
