import { readableTime } from "../../provider/system/clock.ts";
import { eventLines } from "../events/event-lines.ts";
import { type AuditedTenant, undeclaredEvent } from "../events/undeclared-events.ts";
import { nameOfMachine } from "../filter-parts.ts";
import type { Printer } from "../printer.ts";
import { type Table, table, tableText } from "../table.ts";
import type { Ranked } from "./ranking.ts";

/** The formats of `audit`. */
export const auditFormats = ["text", "json", "ocsf", "asim"] as const;

export type AuditFormat = (typeof auditFormats)[number];

/** Prints the undeclared cancellations to a pipe or a file. Without any, it prints nothing. */
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
            printer.out(tableText(foundTable(found, undefined)));
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
    { heading: "BY", most: 40, least: 14 },
    { heading: "TYPE", most: 24, least: 10 },
    { heading: "MACHINE", most: 40, least: 24 },
    { heading: "ID", most: 36, goes: 1 },
    { heading: "WHY", most: 180, least: 20, goes: 3 },
    { heading: "COMMENT", most: 100, least: 12, goes: 2 },
];

/** A table of undeclared cancellations. `width`: that of the terminal; undefined for a pipe or a file. */
export function foundTable(found: readonly Ranked[], width: number | undefined): Table {
    return table(
        columns,
        found.map(({ action, cancelledAt, reasons }) => [
            readableTime(cancelledAt),
            action.cancellationRequestor,
            action.type,
            nameOfMachine(action),
            action.id,
            reasons.join("; "),
            action.cancellationComment,
        ]),
        width,
    );
}

function lineOf({ action, reasons }: Ranked) {
    const { id: machineActionId, commands: _, ...described } = action;
    return { machineActionId, reasons, ...described };
}
