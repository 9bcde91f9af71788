import { readableTime } from "../../provider/system/clock.ts";
import { counted } from "../../provider/text/counted.ts";
import { sanitize, shortText } from "../../provider/text/sanitize.ts";
import { nameOfMachine } from "../filter-parts.ts";
import { maxNames, namesOf } from "../in-words.ts";
import type { Printer } from "../printer.ts";
import { timeOf } from "../state/moments.ts";
import { tableText } from "../table.ts";
import { foundTable } from "./audit-output.ts";
import type { Ranked } from "./ranking.ts";

/** The maximum number of causes that a terminal shows, without `--all`. */
const maxCauses = 8;

/**
 * Prints the undeclared cancellations on a terminal: the sum first, then one line for each cause, the worst first, with
 * the machines below it. With `all`, one line for each cancellation.
 */
export function printOnTerminal(found: readonly Ranked[], sum: string, all: boolean, printer: Printer): void {
    printer.say(sum, found.length > 0 ? "red" : "green");
    if (found.length === 0) {
        return;
    }
    if (all) {
        printer.out(tableText(foundTable(found, printer.width)));
        return;
    }
    const causes = [...Map.groupBy(found, causeOf).values()];
    for (const line of causes.slice(0, maxCauses).flatMap(linesOf)) {
        printer.say(line);
    }
    const left = causes.slice(maxCauses).flat().length;
    if (left > 0) {
        printer.say(`and ${left} more: --all lists them`);
    }
}

function causeOf({ action, reasons }: Ranked): string {
    return JSON.stringify([action.type, action.cancellationRequestor, reasons]);
}

function linesOf(cause: readonly Ranked[]): string[] {
    const [first] = cause;
    if (first === undefined) {
        return [];
    }
    const { action, reasons } = first;
    const by = shortText(action.cancellationRequestor ?? "an unknown canceller", 80);
    const names = cause.map((one) => nameOfMachine(one.action));
    return [
        `${cause.length} ${shortText(action.type ?? "machine action", 60)} by ${by}, ${timesOf(cause)}: ${sanitize(reasons.join("; "))}`,
        `    ${namesOf(names)}${names.length > maxNames ? ": --all lists them" : ""}`,
    ];
}

function timesOf(cause: readonly Ranked[]): string {
    const times = cause.flatMap(({ cancelledAt }) => timeOf(cancelledAt) ?? []).sort((one, other) => one - other);
    const [from, to] = [readableTime(times[0]), readableTime(times.at(-1))];
    const unknown = cause.length - times.length;
    const known = from === to ? from : `${from} to ${to}`;
    return [known, unknown > 0 ? `${counted(unknown, "time")} unknown` : ""].filter(Boolean).join(", ");
}
