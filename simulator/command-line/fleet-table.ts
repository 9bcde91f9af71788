import type { MachineActionRow } from "../actions/machine-action.ts";
import { sanitize } from "./lines.ts";

const headings = ["MACHINE", "TYPE", "STATUS", "REQUESTOR", "ID"];
const maxRows = 20;
const maxRequestors = 3;
const gap = 2;
/** A requestor that is cut to fewer columns than this cannot be recognised. */
const minRequestorWidth = 10;
const minMachineWidth = 12;

/**
 * The actions as aligned columns with a heading, one line each, in at most `columns` columns. Where the requestors do
 * not fit, they are cut or left out; ids are always whole. Of a long fleet the first 20 actions are shown. The last
 * lines sum up all of them.
 */
export function fleetTable(rows: readonly MachineActionRow[], columns: number): string {
    if (rows.length === 0) {
        return "No machine actions.";
    }
    const shown = rows.slice(0, maxRows);
    const table = [
        headings,
        ...shown.map((row) => [
            row.computerDnsName ?? row.machineId ?? "-",
            row.type,
            row.status,
            row.requestor,
            row.id,
        ]),
    ].map((line) => line.map(sanitize));
    const widths = fitted(
        headings.map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0))),
        columns,
    );
    const lines = table.map((line) =>
        line
            .flatMap((cell, column) => {
                const width = widths[column] ?? 0;
                return width === 0 ? [] : [cut(cell, width).padEnd(width)];
            })
            .join(" ".repeat(gap))
            .trimEnd(),
    );
    return [...lines, ...summary(rows, rows.length - shown.length, columns)].join("\n");
}

/** The machine of an action as people know it. */
export function machineName({ computerDnsName, machineId }: MachineActionRow): string {
    return computerDnsName || machineId || "-";
}

/** The widths of machine, type, status, requestor and id, of which the requestor and the machine give way. */
function fitted(widths: readonly number[], columns: number): number[] {
    const [machine = 0, type = 0, status = 0, requestor = 0, id = 0] = widths;
    const total = (cells: readonly number[]) =>
        cells.filter((width) => width > 0).reduce((sum, width) => sum + width + gap, -gap);
    const left = columns - total([machine, type, status, id]) - gap;
    const requestorWidth = left >= Math.min(requestor, minRequestorWidth) ? Math.min(requestor, left) : 0;
    const excess = Math.max(0, total([machine, type, status, requestorWidth, id]) - columns);
    return [Math.max(minMachineWidth, machine - excess), type, status, requestorWidth, id];
}

/** The text, cut to at most `width` columns. */
export function cut(text: string, width: number): string {
    return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

function summary(rows: readonly MachineActionRow[], hidden: number, columns: number): string[] {
    const more = hidden === 0 ? "" : `… and ${hidden} more. `;
    const number = `${rows.length} machine action${rows.length === 1 ? "" : "s"}`;
    const statuses = counted(rows.map(({ status }) => status)).map(([status, count]) => `${count} ${status}`);
    const requestors = counted(rows.map(({ requestor }) => requestor));
    const named = requestors.slice(0, maxRequestors).map(([name, count]) => `${count} by ${cut(name, 40)}`);
    const others = requestors.length - named.length;
    const rest = others === 0 ? [] : [`the others by ${others} more`];
    return [
        cut(`${more}${number}: ${statuses.join(", ")}`, columns),
        cut(`Requested: ${[...named, ...rest].join(", ")}`, columns),
    ];
}

/** How often each text occurs, the most frequent first. */
function counted(texts: readonly string[]): [string, number][] {
    const counts = new Map<string, number>();
    for (const text of texts.map(sanitize)) {
        counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    return [...counts].sort(([, a], [, b]) => b - a);
}
