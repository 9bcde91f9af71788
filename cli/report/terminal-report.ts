import { counted } from "../../provider/text/counted.ts";
import { severities } from "../events/event-words.ts";
import { namesOf } from "../in-words.ts";
import type { Printer, Style } from "../printer.ts";
import type { CancellationEntry } from "../state/records.ts";
import { allClearOf, weightOf } from "./concerns.ts";
import { entriesTable, sumLines } from "./plain-formats.ts";
import { firstOfEachMachine, machineOf, type Report } from "./report-data.ts";

/** The maximum number of cancellations that a terminal shows, without `--all`. */
const maxRows = 20;

/** The full names of machines. Two machines with one name are told apart by their ids. */
function distinctNames(machines: readonly CancellationEntry[]): string[] {
    const names = machines.map(machineOf);
    const counts = Map.groupBy(names, (name) => name.toLowerCase());
    return machines.map(({ machineId, machineActionId }, at) => {
        const name = names[at] ?? "";
        const isShared = (counts.get(name.toLowerCase())?.length ?? 0) > 1;
        return isShared ? `${name} (${machineId || `action ${machineActionId}`})` : name;
    });
}

const allClearWords = {
    sound: "no machine needs a check",
    selection: "no machine of these needs a check; the cancellations that are left out have some",
    doubt: "no machine of these needs a check, as far as the record goes",
} as const;

/** How bad an entry is; 0: it needs no check. */
type Weights = ReadonlyMap<CancellationEntry, number>;

/**
 * Prints a report on a terminal: the result first, then the cancellations that an analyst has to check, the worst first,
 * and without `--all` only so many that they fit on a screen.
 */
export function printOnTerminal(report: Report, isAll: boolean, printer: Printer): void {
    const { entries, records, findings } = report;
    const weights = new Map(entries.map((entry) => [entry, weightOf(entry)]));
    const sorted = entries.toSorted((one, other) => (weights.get(other) ?? 0) - (weights.get(one) ?? 0));
    const toCheck = sorted.filter((entry) => weights.get(entry) !== 0);
    printer.say(sumLines(report), toCheck.length > 0 ? "yellow" : undefined);
    if (entries.length === 0) {
        return;
    }
    const machines = firstOfEachMachine(toCheck, (entry) => entry);
    if (machines.length === 0) {
        printer.say(allClearWords[allClearOf(report)]);
    } else if (findings === undefined || isAll) {
        printer.say(`${counted(machines.length, "machine")} to check, the worst first:`);
    } else {
        // What differs is the subject of `--verify`.
        const names = `${counted(machines.length, "machine")} to check, the worst first: ${namesOf(distinctNames(machines))}`;
        printer.say(`${names}: the same command without --verify shows why`);
    }
    const most = isAll ? entries.length : findings === undefined ? maxRows : 0;
    const shown = sorted.slice(0, most);
    if (shown.length === 0) {
        return;
    }
    const { heading, lines } = entriesTable(shown, records.length === 1, printer.width);
    printer.out(heading);
    for (const [index, line] of lines.entries()) {
        printer.out(line, styleOf(weights, shown[index]));
    }
    const left = sorted.slice(most);
    if (left.length > 0) {
        const bad = left.filter((entry) => weights.get(entry) !== 0).length;
        const which = bad === left.length ? " to check" : `, ${bad === 0 ? "none" : bad} of them to check`;
        printer.say(`and ${left.length} more${which}: --all lists them`);
    }
}

function styleOf(weights: Weights, entry: CancellationEntry | undefined): Style | undefined {
    const weight = (entry && weights.get(entry)) ?? 0;
    return weight >= severities.indexOf("high") ? "red" : weight > 0 ? "yellow" : undefined;
}
